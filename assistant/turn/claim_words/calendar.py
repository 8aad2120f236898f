"""Words of dates and times, folded as `plain_text` folds them (no accents, й is и)."""

from __future__ import annotations


def _numbered(names: str, first: int) -> dict[str, int]:
    return {
        word: number
        for number, words in enumerate(names.split(), first)
        for word in words.split("|")
    }


WEEKDAYS = {
    **_numbered("monday tuesday wednesday thursday friday saturday sunday", 0),
    **_numbered("mondays tuesdays wednesdays thursdays fridays saturdays sundays", 0),
    **_numbered("mon tue|tues wed|weds thu|thur|thurs fri sat sun", 0),
    **_numbered(
        "понедельник|понедельника|понедельнику|понедельником вторник|вторника|вторнику|вторником"
        " среда|среду|среды|среде четверг|четверга|четвергу|четвергом"
        " пятница|пятницу|пятницы|пятнице суббота|субботу|субботы|субботе"
        " воскресенье|воскресенья|воскресенью",
        0,
    ),
    **_numbered("пн вт ср чт пт сб вс", 0),
    **_numbered(
        "montag dienstag mittwoch donnerstag freitag samstag|sonnabend sonntag",
        0,
    ),
    **_numbered(
        "lunes martes miercoles jueves viernes sabado|sabados domingo|domingos",
        0,
    ),
}
for _part in ("vormittag", "nachmittag", "abend", "morgen", "mittag"):
    for _day, _name in enumerate(
        "montag dienstag mittwoch donnerstag freitag samstag sonntag".split()
    ):
        WEEKDAYS[_name + _part] = _day
# Abbreviations that are words too: dates only in front of a number.
AMBIGUOUS_DAYS = {
    **_numbered("mo di mi do fr sa so", 0),
    **_numbered("lun mar mie jue vie sab dom", 0),
}
MONTHS = {
    **_numbered(
        "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug"
        " september|sept|sep october|oct november|nov december|dec",
        1,
    ),
    **_numbered(
        "января|янв февраля|фев марта|мар апреля|апр мая июня|июн июля|июл августа|авг"
        " сентября|сен|сент октября|окт ноября|ноя|нояб декабря|дек",
        1,
    ),
    **_numbered(
        "januar|janner februar marz|maerz|mrz april mai juni juli august september"
        " oktober|okt november dezember|dez",
        1,
    ),
    **_numbered(
        "enero|ene febrero marzo abril|abr mayo junio julio agosto|ago septiembre|setiembre"
        " octubre noviembre diciembre|dic",
        1,
    ),
}
RELATIVE = {
    **dict.fromkeys(("today", "tonight", "сегодня", "heute", "hoy"), 0),
    **dict.fromkeys(("tomorrow", "завтра", "el dia de manana"), 1),
    **dict.fromkeys(("day after tomorrow", "послезавтра", "ubermorgen", "pasado manana"), 2),
    **dict.fromkeys(("morgen", "manana"), 1),
}
HALVES = {
    **dict.fromkeys(("am", "a.m.", "a.m", "утра", "morgens", "in the morning", "ночи"), 0),
    **dict.fromkeys(("am vormittag", "vormittags", "de la manana"), 0),
    **dict.fromkeys(("pm", "p.m.", "p.m", "дня", "вечера", "nachmittags", "abends"), 12),
    **dict.fromkeys(("in the afternoon", "in the evening", "de la tarde", "de la noche"), 12),
}
AT = frozenset(
    (
        *"at from until till by around after before between".split(),
        *"um gegen ab bis nach vor zwischen".split(),
        *"в к с до после около от на".split(),
        *("a las", "a la", "de las", "desde las", "hasta las", "sobre las", "las"),
    )
)
DATE_LINKS = frozenset(
    ("on", "am", "at", "в", "во", "на", "el", "den", "this", "next", "on the", "del", "para el")
)

_EN = "one two three four five six seven eight nine ten eleven twelve".split()
_DE = "eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf".split()
_ES = "una dos tres cuatro cinco seis siete ocho nueve diez once doce".split()
_RU_OF = (
    "первого второго третьего четвертого пятого шестого седьмого восьмого девятого десятого"
    " одиннадцатого двенадцатого"
).split()
_RU = "час два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать".split()


_MANY_RU = 5  # from five on, hours are counted in another case
_PARTS_ES = {"y media": 30, "y cuarto": 15, "menos cuarto": -15}


def _clock_words() -> dict[str, tuple[int, ...]]:
    """Return spelled times -> minutes of the day they may mean."""
    said: dict[str, int] = {}
    for hour in range(1, 13):
        en, de, es = _EN[hour - 1], _DE[hour - 1], _ES[hour - 1]
        ru, ru_of = _RU[hour - 1], _RU_OF[hour - 1]
        minutes = hour * 60
        for number in (en, str(hour)):
            said |= {
                f"half past {number}": minutes + 30,
                f"quarter past {number}": minutes + 15,
                f"quarter to {number}": minutes - 15,
            }
        said |= {f"at {en}": minutes, f"{en} o'clock": minutes, f"um {de}": minutes}
        said |= {f"{'ein' if hour == 1 else de} uhr": minutes}
        said |= {f"halb {de}": minutes - 30, f"halb {hour}": minutes - 30}
        said |= {f"viertel nach {de}": minutes + 15, f"viertel vor {de}": minutes - 15}
        said |= {f"dreiviertel {de}": minutes - 15}
        article = "a la" if hour == 1 else "a las"
        said |= {
            f"{article} {es}": minutes,
            **{f"las {es} {n}": minutes + m for n, m in _PARTS_ES.items()},
            f"{article} {es} y media": minutes + 30,
            f"{article} {es} y cuarto": minutes + 15,
            f"{article} {es} menos cuarto": minutes - 15,
        }
        said |= {f"в {ru}": minutes, f"половина {ru_of}": minutes - 30}
        said |= {f"пол{ru_of}": minutes - 30, f"в пол{ru_of}": minutes - 30}
        said |= {f"половину {ru_of}": minutes - 30}
        said |= {f"половине {ru_of}": minutes - 30, f"без четверти {ru}": minutes - 15}
    both: dict[str, tuple[int, ...]] = {
        word: (m % 1440, (m + 720) % 1440) for word, m in said.items()
    }
    for hour, word in enumerate(_RU, 1):
        hours = "час" if hour == 1 else f"{word} часа" if hour < _MANY_RU else f"{word} часов"
        for half, shift in (("утра", 0), ("дня", 12), ("вечера", 12)):
            both[f"{hours} {half}"] = ((hour % 12 + shift) * 60,)
    for word in ("noon", "midday", "полдень", "mediodia", "12 uhr mittags"):
        both[word] = (720,)
    for word in ("midnight", "полночь", "mitternacht", "medianoche"):
        both[word] = (0,)
    return both


CLOCK_WORDS = _clock_words()
