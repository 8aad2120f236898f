"""Prices in minor units: which currencies there are and how many decimals they have (ISO 4217)."""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches

_WITHOUT_DECIMALS = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
)
_WITH_THREE = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_OTHERS = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF"
    " CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD"
    " HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA"
    " MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN"
    " QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP"
    " TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG".split()
)
_CURRENCIES = _WITHOUT_DECIMALS | _WITH_THREE | _OTHERS


def is_currency(code: object) -> bool:
    """Return whether there is a currency with that code (ISO 4217)."""
    return isinstance(code, str) and code in _CURRENCIES


def known_currency(code: str) -> str:
    """Return the code of a currency as it is.

    Raises:
        ValueError: there is none with that code; the message names the likeliest one.
    """
    if code in _CURRENCIES:
        return code
    near = get_close_matches(code.upper(), sorted(_CURRENCIES), n=len(_CURRENCIES))
    # Of equally near ones the one that begins alike: the country comes first in a code.
    near.sort(key=lambda known: known[:2] != code.upper()[:2])
    hint = f"; did you mean {near[0]}?" if near else ", such as EUR"
    raise ValueError(f"no currency is called {code!r}{hint}")


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


def money(amount: Decimal, currency: str) -> str:
    """Return an amount with the decimals and the code of its currency, such as "35.00 EUR".

    Raises:
        ValueError: the currency has fewer decimals than the amount.
    """
    return f"{from_minor(to_minor(amount, currency), currency)} {currency}"
