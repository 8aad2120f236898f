"""Prices in minor units: how many decimals a currency has (ISO 4217)."""

from __future__ import annotations

from decimal import Decimal

_WITHOUT_DECIMALS = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
)
_WITH_THREE = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def decimals(currency: str) -> int:
    """Return the number of decimals of a currency (ISO 4217 code)."""
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _WITH_THREE else 2


def to_minor(amount: Decimal, currency: str) -> int:
    """Return `amount` in minor units.

    Raises:
        ValueError: the currency has fewer decimals than the amount.
    """
    scaled = amount.scaleb(decimals(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} {currency} has too many decimals")
    return int(scaled)


def from_minor(minor: int, currency: str) -> Decimal:
    """Return minor units as an amount with the currency's decimals."""
    return Decimal(minor).scaleb(-decimals(currency))
