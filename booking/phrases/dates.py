"""Dates: the one reader over those said by numbers and those said by words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from booking.phrases.counted import CountedDays
from booking.phrases.numbered import NumberedDates
from booking.phrases.pieces import DatePiece


@dataclass(frozen=True, slots=True)
class DateReader(NumberedDates, CountedDays):
    """Reads dates off a line."""

    def read(self, i: int) -> DatePiece | None:
        """Return the longest date that starts at token `i`."""
        plain, offset = self._plain(i), self._offset(i)
        if plain is None or offset is None:
            return plain or offset
        return offset if offset.end > plain.end else plain

    def _plain(self, i: int) -> DatePiece | None:
        readers: tuple[Callable[[int], DatePiece | None], ...]
        if self.line[i].number is not None:
            readers = (
                self._iso,
                self._numeric,
                self._ordinal,
                self._from_now,
                self._feast_day,
            )
        elif self.line[i].tags:
            readers = (
                self._in_units,
                self._within,
                self._calendar_week,
                self._feast_day,
                self._from_now,
                self._day,
                self._weekday,
                self._week,
                self._stretch,
                self._ranked,
                self._feast,
                self._movable_feast,
                self._beside_feast,
                self._ordinal,
                self._month_then_day,
                self._month,
            )
        else:
            return None
        best: DatePiece | None = None
        for reader in readers:
            found = reader(i)
            if found is not None and (best is None or found.end > best.end):
                best = found
        return best
