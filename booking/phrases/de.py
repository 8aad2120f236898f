"""German words of dates and times. "ae" for "ä" and plain "a" are found too."""

from __future__ import annotations

from booking.phrases.vocabulary import (
    AFTERNOON,
    DAYS,
    EVENING,
    HOUR,
    MINUTE,
    MONTHS,
    MORNING,
    NIGHT,
    WEEK,
    YEAR,
    K,
    WordList,
)

_w = WordList()

_NUMBERS = {
    0: "null",
    1: "eins|ein",
    2: "zwei|zwo",
    3: "drei",
    4: "vier",
    5: "fünf",
    6: "sechs",
    7: "sieben",
    8: "acht",
    9: "neun",
    10: "zehn",
    11: "elf",
    12: "zwölf",
    13: "dreizehn",
    14: "vierzehn",
    15: "fünfzehn",
    16: "sechzehn",
    17: "siebzehn",
    18: "achtzehn",
    19: "neunzehn",
    20: "zwanzig",
    30: "dreißig",
    40: "vierzig",
    50: "fünfzig",
}
_ORDINAL_STEMS = {
    1: "erste",
    2: "zweite",
    3: "dritte",
    4: "vierte",
    5: "fünfte",
    6: "sechste",
    7: "siebte",
    8: "achte",
    9: "neunte",
    10: "zehnte",
    11: "elfte",
    12: "zwölfte",
    **{n: f"{_NUMBERS[n]}te" for n in range(13, 20)},
    20: "zwanzigste",
    30: "dreißigste",
    31: "einunddreißigste",
}

_w.add_all(K.NUM, _NUMBERS)
for _n, _stem in _ORDINAL_STEMS.items():
    _w.add(K.ORD, f"{_stem}|{_stem}n|{_stem}r|{_stem}s", _n)
for _d in range(1, 10):
    _unit = "ein" if _d == 1 else _NUMBERS[_d].split("|")[0]
    for _n in (20, 30, 40, 50):
        _w.add(K.NUM, f"{_unit}und{_NUMBERS[_n]}", _n + _d)
    _w.add(K.ORD, f"{_unit}undzwanzigste|{_unit}undzwanzigsten", 20 + _d)
_w.add(K.ORD, "einunddreißigsten", 31)
_w.add_all(K.ONE, {1: "ner|einer|einem|einen|eine|ein", 2: "paar|ein paar"})

_w.add_all(
    K.MONTH,
    {
        1: "januar|jan|jänner",
        2: "februar|feb|feber",
        3: "märz|mrz|mär",
        4: "april|apr",
        5: "mai",
        6: "juni|jun",
        7: "juli|jul",
        8: "august|aug",
        9: "september|sept|sep",
        10: "oktober|okt",
        11: "november|nov",
        12: "dezember|dez",
    },
)
_w.add_all(
    K.WEEKDAY,
    {
        0: "montag",
        1: "dienstag",
        2: "mittwoch",
        3: "donnerstag|donnerstg",
        4: "freitag",
        5: "samstag|sonnabend",
        6: "sonntag|sontag",
    },
)
_w.add_all(
    K.WEEKDAY_SHORT,
    {0: "mo", 1: "di", 2: "mi", 3: "do", 4: "fr", 5: "sa", 6: "so"},
)
_w.add_all(
    K.DAY,
    {
        0: "heute|heut|heute noch",
        1: "morgen",
        2: "übermorgen",
        3: "überübermorgen",
        -1: "gestern",
        -2: "vorgestern",
    },
)
_w.add_all(
    K.UNIT,
    {
        MINUTE: "minute|minuten|min",
        HOUR: "stunde|stunden|std",
        DAYS: "tag|tage|tagen",
        WEEK: "woche|wochen",
        MONTHS: "monat|monate|monaten|monats",
        YEAR: "jahr|jahre|jahren|jahres",
    },
)
_w.add_all(
    K.HALF_UNIT,
    {
        15: "viertelstunde|einer viertelstunde",
        30: "halben stunde|einer halben stunde|halbe stunde|ner halben stunde",
        90: "anderthalb stunden|eineinhalb stunden",
    },
)
_w.add(K.WEEKEND, "wochenende|wochenend|das wochenende")
_w.add(K.WEEK_AHEAD, "übernächste woche|übernächster woche|der übernächsten woche", 2)
_w.add(K.WEEK_AHEAD, "in der übernächsten woche", 2)
_w.add(K.WEEK_AHEAD, "kommende woche|kommender woche|der kommenden woche", 1)
_w.add(K.WEEK_AHEAD, "in der kommenden woche", 1)
_w.add_all(K.FEAST_DAYS, {1225: "weihnachtstag|weihnachtsfeiertag|weihnachtsfeiertags"})
_w.add(K.CALENDAR_WEEK, "kw|kalenderwoche")
_w.add(K.IN, "in")
_w.add(K.WITHIN, "innerhalb|innerhalb von|binnen|innerhalb der")
_w.add(
    K.NEXT, "nächste|nächsten|nächster|nächstes|nächstem|der nächsten|im nächsten|dem nächsten", 1
)
_w.add(K.NEXT, "am nächsten|in der nächsten|folgenden|des nächsten", 1)
_w.add(K.NEXT, "übernächsten|übernächster|am übernächsten", 2)
_w.add(
    K.THIS,
    "diese|diesen|dieser|dieses|diesem|kommenden|kommende|kommender|kommendes|am kommenden"
    "|an diesem|in dieser|laufenden|des",
)
_w.add(K.LAST, "letzte|letzten|letzter|letztes|vergangenen|vorigen")
_w.add(K.RANK, "letzte|letzten|letzter", -1)
_w.add_all(
    K.STRETCH,
    {
        0: "anfang|am anfang|zu beginn|beginn",
        1: "mitte|in der mitte",
        2: "ende|am ende|gegen ende",
    },
)
_w.add_all(
    K.FEAST,
    {
        101: "neujahr|neujahrstag",
        106: "heilige drei könige",
        1206: "nikolaus|nikolaustag",
        1224: "heiligabend|heiliger abend|weihnachtsabend",
        1231: "silvester",
    },
)
_w.add_all(
    K.MOVABLE,
    {
        -48: "rosenmontag",
        -47: "faschingsdienstag|fastnachtsdienstag|veilchendienstag",
        -46: "aschermittwoch",
        -7: "palmsonntag",
        -3: "gründonnerstag",
        -2: "karfreitag",
        -1: "karsamstag",
        0: "ostersonntag|ostern|osterwochenende",
        1: "ostermontag",
        39: "christi himmelfahrt|himmelfahrt|himmelfahrtstag|vatertag",
        49: "pfingstsonntag|pfingsten",
        50: "pfingstmontag",
        60: "fronleichnam",
    },
)
_w.add(K.EASTERTIDE, "ostern|osterwochenende|pfingsten")
_w.add(
    K.FILLER,
    "black friday|cyber monday|ostersamstag|osterfreitag|pfingstsamstag|totensonntag"
    "|weißer sonntag|rosensonntag",
)

_w.add_all(
    K.PART,
    {
        MORNING: "morgens|am morgen|vormittag|vormittags|am vormittag|früh|in der früh|frühmorgens"
        "|am frühen morgen|früh morgens|am frühen vormittag|am späten vormittag|vorm"
        "|vor der arbeit",
        AFTERNOON: "nachmittag|nachmittags|am nachmittag|in der mittagspause|nach dem mittagessen"
        "|am frühen nachmittag|am späten nachmittag|nachmitags|nachm|spätnachmittag"
        "|spätnachmittags|nach der schule",
        EVENING: "abend|abends|am abend|nach der arbeit|feierabend|nach feierabend"
        "|am frühen abend|am späten abend",
        NIGHT: "nacht|nachts|in der nacht",
    },
)
for _day, _name in enumerate(
    ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"]
):
    for _part, _words in (
        (MORNING, "morgen vormittag früh"),
        (AFTERNOON, "nachmittag mittag"),
        (EVENING, "abend"),
        (NIGHT, "nacht"),
    ):
        for _word in _words.split():
            _w.add(K.WEEKDAY, f"{_name}{_word}", _day)
            _w.add(K.PART, f"{_name}{_word}", _part)
# Behind a day ("Freitag morgen"); otherwise it is tomorrow.
_w.add(K.PART, "morgen", MORNING)
_w.add_all(K.MERIDIEM, {12: "pm"})
_w.add(K.HALF_NEXT, "halb|halber")
_w.add(K.QUARTER, "viertel")
_w.add(K.THREE_QUARTERS, "dreiviertel|drei viertel")
_w.add(K.PAST, "nach")
_w.add(K.TO, "vor")
_w.add(K.OCLOCK, "uhr|h", 2)
_w.add(K.NOON, "mittagszeit|um die mittagszeit|zur mittagszeit|die mittagszeit")
_w.add(K.NOON, "mittag|mittags|am mittag|zu mittag|zwölf uhr mittags")
_w.add(K.MIDNIGHT, "mitternacht")

_w.add(K.AT, "um|so um|so gegen um|um punkt|punkt", 2)
_w.add(K.ON, "am|an|den|der|dem|zum|vom|im|den den|auf den|nach dem|vor dem|ab dem|bis zum")
_w.add(K.IN, "im")
_w.add(K.FOR, "für|auf")
_w.add(K.THE, "den|der|dem|das|die")
_w.add(K.NO_DAY, "das|die")
_w.add(K.OF, "vom|im|des|von")
_w.add(K.AFTER, "nach|so nach|nicht vor|frühestens|frühestens um|später als|nach dem")
_w.add(
    K.BEFORE,
    "vor|bis|spätestens|allerspätestens|spätestens um|nicht nach"
    "|nicht später als|früher als|vor dem",
)
_w.add(K.BEFORE, "bis zum|bis spätestens|so vor|so bis")
_w.add(K.SINCE, "ab|von|vom|ab dem|so ab|so von")
_w.add(K.UNTIL, "bis|bis zum")
_w.add(K.BETWEEN, "zwischen|so zwischen")
_w.add(K.OR_LATER, "oder später|oder danach|und später|frühestens|aufwärts|oder auch später")
_w.add(K.OR_EARLIER, "oder früher|oder davor|spätestens|allerspätestens|oder eher")
_w.add(K.AND, "und")
_w.add(K.OR, "oder|beziehungsweise|bzw")
_w.add(
    K.ABOUT, "gegen|ungefähr|etwa|circa|ca|so gegen|um ca|um circa|rund|um etwa|zirka|ungefähr um"
)
_w.add(K.NOR, "noch")
_w.add(K.NOT, "nicht|weder|außer|nur nicht|kann nicht")
_w.add(
    K.NO_GOOD,
    "geht nicht|passt nicht|klappt nicht|kann ich nicht|geht es nicht|passt mir nicht|geht leider"
    " nicht|kann ich leider nicht|passt leider nicht|klappt leider nicht|geht es leider nicht"
    "|gehen nicht|passen nicht|klappen nicht|gehen leider nicht|passen leider nicht",
)
_w.add(K.MOVE, "verschieben|verschiebe|verlegen|umbuchen|ändern|tauschen|statt|anstatt|verlege")
_w.add(
    K.COUNTED,
    "personen|person|leute|kinder|kind|kindern|gäste|gästen|euro|mal|prozent|jahre|jahren|jahr"
    "|freunde|freundinnen|termine|stück|stock|etage|zimmer|platz|plätze|kg|km|sterne"
    "|von|tage|tagen|tag|wochen|woche|monate|monaten|stunden|stunde|minuten|minute|männer|frauen"
    "|erwachsene|optionen|dienstleistungen|cent|straße|besuche|besuch|mitarbeiter|klasse|grad"
    "|schritt|haarschnitte",
)
_w.add(K.NTH, "termin|advent|besuch|stock|mal|platz|sitzung|haarschnitt|versuch|hand|mitarbeiter")
_w.add(
    K.FILLER,
    "bitte|danke|geht|passt|wäre|ist|ginge|hätte|klappt|wenn|gut|okay|ok|super|kommen|zu|mit|noch"
    "|was|frei|buchen|haben|möchte|gerne|gern|einen|bei|ich|wir|würde|könnte|kann|reservieren",
)
_w.add(
    K.FILLER,
    "guten morgen|guten tag|guten abend|gute nacht|schönen abend|schönen tag|schönes wochenende"
    "|schönen abend noch|schönen tag noch|warum nicht|einen schönen tag|ein schönes wochenende"
    "|schönen nachmittag|und zwar|und so|um zu|den ganzen tag|erst mal|zum ersten mal|beim ersten"
    "|so früh wie|so früh es|so bald es|so bald wie|so spät wie|so schnell wie|so zeitig wie"
    "|das erste mal|nächstes mal|das nächste mal|moin|letztes mal|das letzte mal|zu zweit",
)

GERMAN = _w.build(
    "de",
    ordinal_suffixes="ten|te|ter",
    dotted_ordinals=True,
    forgiving=(K.WEEKDAY, K.MONTH, K.DAY),
    never_misspelled="montage|montags|dienstags|mittwochs|donnerstags|freitags|samstags|sonntags"
    "|sorgen|borgen|august's|augusto|monate|montagen|feiertag|werktag|morgens|novembers|freitage"
    "|moregn",
)
