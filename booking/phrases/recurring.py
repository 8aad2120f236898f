"""Wishes that come again and again: "every Friday", "jede zweite Woche", "раз в месяц".

Nobody is booked more than once for one wish, so that who asks for it is told.
"""

from __future__ import annotations

import re

_EN = "mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?"
_DE = "montage?|dienstage?|mittwoche?|donnerstage?|freitage?|samstage?|sonnabende?|sonntage?"
_RU = "понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье"
_RU_PLURAL = "понедельникам|вторникам|средам|четвергам|пятницам|субботам|воскресеньям"
_ES = "lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bados?|domingos?"
_REPEATS = re.compile(
    r"\b(?:"
    rf"(?:every|each) (?:(?:other|second|third|2nd|3rd|two|three|four|\d) )?"
    rf"(?:days?|weeks?|months?|mornings?|evenings?|weekends?|{_EN})"
    r"|weekly|bi-?weekly|fortnightly|monthly|daily|once a (?:week|fortnight|month)|once every"
    r"|recurring|standing appointment"
    rf"|jede[nrsm]? (?:(?:zweiten?|dritten?|2\.|3\.) )?(?:tage?|wochen?|monate?|morgen|abend|{_DE})"
    r"|alle (?:zwei|drei|vier|\d) (?:tage|wochen|monate)|w[öo]chentlich|monatlich|t[äa]glich"
    r"|regelm[äa][ßs]+ig|(?:ein|einmal) (?:pro|die|in der|im) (?:woche|monat)"
    rf"|кажд(?:ый|ую|ое|ые|ой) (?:(?:второй|вторую|второе|две|три|\d) )?"
    rf"(?:день|дня|недел[юиь]|месяца?|утро|вечер|{_RU})"
    rf"|по (?:{_RU_PLURAL})|ежедневно|еженедельно|ежемесячно|регулярно"
    r"|раз в (?:день|неделю|месяц|(?:две|три|\d) недели)"
    rf"|cada (?:(?:dos|tres|\d) )?(?:d[íi]as?|semanas?|mes(?:es)?|ma[ñn]ana|tarde|{_ES})"
    rf"|tod[oa]s l[oa]s (?:d[íi]as|semanas|meses|{_ES})|semanal(?:mente)?|mensual(?:mente)?"
    r"|una vez (?:a la|por|al) (?:semana|mes)"
    r")(?!\w)",
    re.IGNORECASE,
)


def repeats(text: str) -> bool:
    """Return whether a text asks for more than one visit by a rule, in any of the languages."""
    return _REPEATS.search(text) is not None
