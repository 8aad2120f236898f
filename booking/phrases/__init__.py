"""Relative and partial dates and times as customers write them, from the business's clock.

Why not dateparser: of 631 plain dates and times (English, Russian, German) its 1.5.0 read 39 %
right (its search 44 %), of 156 phrases of real dialogues 64 %; search saw dates in 32 of 124
sentences that hold none.

Conventions. Where customers differ among themselves, the choice below is fixed and the caller reads
the full date back:

- Weeks start on Monday. "next Friday" is the Friday of the week after this one; "this Friday" and
  "Friday" are the nearest from today on; "Friday" on a Friday is today only with a time that is
  still ahead, else in a week. "Friday this week" may be past; so may "yesterday".
- Spanish "el próximo viernes" and "el viernes que viene" are the first Friday after today; so is
  the weekend. "En ocho días" and "en quince días" are one and two weeks; in digits they are counted
  ("en 15 días").
- "Friday after next" is the Friday of the week after next; "через субботу" is the Saturday
  behind the coming one; British "a week tomorrow" is tomorrow + 7.
- "in a week on Tuesday" is the Tuesday closest to today + 7; "Tuesday in a week" and "a week from
  Tuesday" are the coming Tuesday + 7.
- A day and month without a year is the next such date from today on, today included; "the 8th" is
  the nearest 8th; "8th of this month" may be past.
- "until Friday" and "by Friday" start today and include Friday; "before Friday" doesn't include it;
  "after Friday" starts the day after; "from Friday" has no end. So with "next week", "the weekend"
  and other ranges: until and by include them, before ends and after begins beside them.
- "two days before Christmas" and "the day before" are one date, "the week before" its seven days;
  "within three days" and "in the next three days" last from today on.
- "3 or later" and "Friday at the latest" are bounds as "after 3" and "by Friday" are.
- Hours without am, pm or a part of the day: 1-7 are after noon, 8-12 as they are, 0 and 13-23 are
  24-hour, and so is a leading zero ("07:30"). Parts settle the rest: "4 in the evening" is 16:00,
  "4 утра" is 04:00, "12 in the morning" is noon, "12 am" is midnight.
- "midnight", "24:00", "12 ночи" end the day named: 00:00 of the next date. 00:00 starts it.
- 12/10 is day first, except in English with `en_month_first`; ISO always is year first; 12/25 can
  only be one thing. "10.12" is a date, "at 10.12" a time, "15.30 Uhr" a time.
- A bare number is neither date nor time unless it answers a question (`expect`) or stands behind a
  day ("tomorrow 10"). "Thursday 10" is ten o'clock; where the coming Thursday is the 10th it is
  that day without a time, and where a later one is, `Ambiguous`. With a time behind it ("Friday 4
  at 5"), and in Spanish always ("jueves 10"), it is the day of the month, checked against the
  weekday.
- The beginning, middle and end of a month are its days 1-10, 11-20 and 21 on; of a week Monday to
  Wednesday, Tuesday to Thursday, Thursday to Sunday. The first week of a month is its days 1-7.
- The Spanish tarde lasts from 12 to 21: it is both afternoon and evening.
- Days that are ruled out ("any day but Monday or Tuesday", "завтра не могу") are passed over.
- "in two hours" is elapsed time where the caller gives `later`; "now", movable feasts and recurring
  days ("on Sundays") are not read, nor is "через день", which means two things, nor a feast that
  falls on different dates.
"""

from booking.phrases.asked import Asked, asked_at
from booking.phrases.model import (
    PART_WINDOWS,
    Ambiguous,
    Expect,
    Fault,
    Impossible,
    Mismatch,
    Moment,
    PartOfDay,
    Resolution,
    Resolved,
)
from booking.phrases.resolve import resolve

__all__ = [
    "PART_WINDOWS",
    "Ambiguous",
    "Asked",
    "Expect",
    "Fault",
    "Impossible",
    "Mismatch",
    "Moment",
    "PartOfDay",
    "Resolution",
    "Resolved",
    "asked_at",
    "resolve",
]
