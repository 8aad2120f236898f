"""English words of dates and times."""

from __future__ import annotations

from booking.phrases.vocabulary import (
    AFTERNOON,
    DAYS,
    EVENING,
    FORTNIGHT,
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

_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"}
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]

for _n, _word in enumerate(_UNITS + _TEENS, start=1):
    _w.add(K.NUM, _word, _n)
for _n, _ten in _TENS.items():
    _w.add(K.NUM, _ten, _n)
    for _d, _word in enumerate(_UNITS, start=1):
        _w.add(K.NUM, f"{_ten} {_word}", _n + _d)
for _n, _word in enumerate(_ORDINALS, start=1):
    _w.add(K.ORD, _word, _n)
for _n, _word in enumerate(_ORDINALS[:9], start=21):
    _w.add(K.ORD, f"twenty {_word}", _n)
_w.add_all(K.ORD, {12: "twelveth", 20: "twentieth", 30: "thirtieth", 31: "thirty first"})
_w.add_all(K.ONE, {1: "a|an|one", 2: "couple|couple of|a couple|a couple of"})

_w.add_all(
    K.MONTH,
    {
        1: "january|jan",
        2: "february|feb|febuary",
        3: "march|mar",
        4: "april|apr",
        5: "may",
        6: "june|jun",
        7: "july|jul",
        8: "august|aug",
        9: "september|sept|sep",
        10: "october|oct",
        11: "november|nov",
        12: "december|dec",
    },
)
_w.add_all(
    K.WEEKDAY,
    {
        0: "monday",
        1: "tuesday|tues|tue|teusday",
        2: "wednesday|weds|wensday|wendsday|wednsday",
        3: "thursday|thurs|thur|thu|thrusday",
        4: "friday|fri",
        5: "saturday",
        6: "sunday",
    },
)
_w.add_all(K.WEEKDAY_SHORT, {0: "mon", 2: "wed", 5: "sat", 6: "sun"})
_w.add_all(
    K.DAY,
    {
        0: "today|later today|todya|2day",
        1: "tomorrow|tmrw|tmrow|tmr|tmw|tomorow|tommorow|tommorrow|tomorro|tomo|tomoz|2moro"
        "|2morrow|2morow",
        2: "day after tomorrow|the day after tomorrow|overmorrow",
        -1: "yesterday",
        -2: "day before yesterday|the day before yesterday",
    },
)
_w.add_all(
    K.DAYPART,
    {
        MORNING: "this morning",
        AFTERNOON: "this afternoon|this arvo",
        EVENING: "this evening|tonight|tonite|2nite",
    },
)
_w.add_all(
    K.UNIT,
    {
        MINUTE: "minute|minutes|min|mins",
        HOUR: "hour|hours|hrs|hr",
        DAYS: "day|days",
        WEEK: "week|weeks|wk|wks",
        MONTHS: "month|months",
        YEAR: "year|years",
        FORTNIGHT: "fortnight|fortnights",
    },
)
_w.add_all(
    K.HALF_UNIT,
    {
        30: "half an hour|half hour|a half hour",
        90: "an hour and a half|one and a half hours|hour and a half",
    },
)
_w.add(K.WEEKEND, "weekend|the weekend")
for _word in ("tmrw", "tmr", "tomorow", "tommorow", "tommorrow"):
    _w.add(K.DAY, f"day after {_word}|the day after {_word}", 2)
_w.add(K.WEEK_AHEAD, "week after next|the week after next", 2)
_w.add(K.WEEK_AHEAD, "coming week|the coming week", 1)
_w.add(K.IN, "in")
_w.add(K.WITHIN, "within|within the")
_w.add(K.FROM_NOW, "from now|from today|hence")
_w.add(K.NEXT, "next|nxt|the next|following|the following", 1)
_w.add(K.THIS, "this|coming|this coming|the coming|upcoming|this upcoming|current|the current")
_w.add(K.LAST, "last|previous")
_w.add_all(K.RANK, {-1: "last|final"})
_w.add_all(
    K.STRETCH,
    {
        0: "early|early in|beginning of|the beginning of|at the beginning of|start of|the start of"
        "|at the start of|in early",
        1: "mid|middle of|the middle of|in the middle of|in mid",
        2: "end of|the end of|at the end of|late|late in|in late|towards the end of",
    },
)
_w.add_all(
    K.FEAST,
    {
        101: "new year s day|new years day|new year|new years|new year s",
        214: "valentine s day|valentines day",
        1031: "halloween",
        1224: "christmas eve|xmas eve",
        1225: "christmas day|xmas day|christmas|xmas",
        1226: "boxing day",
        1231: "new year s eve|new years eve|nye",
    },
)
_w.add_all(
    K.MOVABLE,
    {
        -47: "shrove tuesday|pancake day|pancake tuesday|mardi gras",
        -46: "ash wednesday",
        -7: "palm sunday",
        -3: "maundy thursday|holy thursday",
        -2: "good friday",
        -1: "holy saturday",
        0: "easter sunday|easter|easter weekend",
        1: "easter monday",
        39: "ascension day|ascension thursday|ascension",
        49: "pentecost|pentecost sunday|whit sunday|whitsun",
        50: "pentecost monday|whit monday",
        60: "corpus christi",
    },
)
_w.add(K.EASTERTIDE, "easter|easter weekend|pentecost|whitsun")
# Days of other feasts, which differ from country to country: they are asked for.
_w.add(
    K.FILLER,
    "black friday|cyber monday|easter saturday|easter friday|bank holiday monday|may bank holiday"
    "|super bowl sunday|mothering sunday|trinity sunday|plough monday|labor day monday",
)

_w.add_all(
    K.PART,
    {
        MORNING: "morning|in the morning|mornings|the morning|before lunch|forenoon"
        "|early morning|late morning|first thing|in the mornings|first thing in the morning"
        "|before work|before school",
        AFTERNOON: "afternoon|in the afternoon|afternoons|the afternoon|after lunch|lunchtime"
        "|lunch time|early afternoon|late afternoon|in the afternoons|at lunch|lunch|lunch break"
        "|during lunch|over lunch|during lunch break|arvo|after school",
        EVENING: "evening|in the evening|evenings|the evening|after work|in the evenings"
        "|early evening|late evening",
        NIGHT: "night|at night|in the night|the night",
    },
)
_w.add_all(K.MERIDIEM, {0: "am|a m", 12: "pm|p m"})
_w.add(K.HALF_PAST, "half past|half after")
_w.add(K.HALF_OR_DURATION, "half")
_w.add(K.QUARTER_PAST, "quarter past|quarter after|a quarter past|a quarter after")
_w.add(K.QUARTER_TO, "quarter to|quarter till|quarter til|quarter before|quarter of")
_w.add(K.QUARTER_TO, "a quarter to|a quarter till|a quarter til|a quarter before|a quarter of")
_w.add(K.PAST, "past")
_w.add(K.TO, "to|till|til")
_w.add(K.OCLOCK, "o clock|oclock|h", 2)
_w.add(K.NOON, "noon|midday|mid day|high noon")
_w.add(K.MIDNIGHT, "midnight|mid night")

_w.add(K.AT, "at", 2)
_w.add(K.ON, "on")
_w.add(K.FOR, "for")
_w.add(K.THE, "the")
_w.add(K.OF, "of")
_w.add(K.AFTER, "after|later than|not before|no earlier than|not earlier than")
_w.add(K.BEFORE, "before|by|no later than|not later than|not after|earlier than|up to|prior to")
_w.add(K.BEFORE, "until|till|til")
_w.add(K.SINCE, "from|since|starting|starting from|starting at")
_w.add(K.UNTIL, "to|until|till|til|through|thru")
_w.add(K.BETWEEN, "between|in between|betw")
_w.add(K.OR_LATER, "or later|and later|onwards|onward|and onwards|at the earliest")
_w.add(K.OR_EARLIER, "or earlier|at the latest|latest|the latest|at latest")
_w.add(K.AND, "and")
_w.add(K.OR, "or|alternatively|otherwise")
_w.add(K.ABOUT, "around|about|approximately|approx|roughly|circa|ish")
_w.add(
    K.NOT,
    "not|except|except for|but not|can t|cannot|cant|anything but|apart from|isn t|neither"
    "|any time but|anytime but|any day but|every day but|all but|everything but|any date but"
    "|any other day than|any other day but|whenever but"
    "|can t do|cannot do|cant do|can t make|cannot make|cant make|can t come|cannot come|cant come"
    "|can t make it|cant make it|cannot make it|not free|i can t do|i cannot do|i cant do"
    "|i can t make|i can t come|i cannot come|i cannot make|i cant make|i cant come",
)
_w.add(
    K.NO_GOOD,
    "doesn t work|does not work|won t work|doesnt work|wont work|will not work|is not possible"
    "|don t work|do not work|dont work|are no good|are bad|are not possible|don t suit"
    "|isn t possible|is no good|is bad|doesn t suit|i can t|i cannot|i cant|is impossible",
)
_w.add(K.NOR, "nor")
_w.add(K.MOVE, "move|change|reschedule|moved|switch|shift|postpone|changed|swap|instead of")
_w.add(
    K.COUNTED,
    "people|person|persons|guests|guest|kids|kid|children|child|adults|adult|men|women|friends"
    "|friend|times|time|visits|sessions|appointments|euro|euros|dollar"
    "|dollars|bucks|pounds|usd|eur|gbp|percent|kg|km|miles|mile|floor|street|st|avenue|ave|road"
    "|rd|drive|blvd|grade|class|room|rooms|place|places|star|stars|option|options|item|items|pcs"
    "|different|more|other|one|ones|row|slots|birthday|anniversary|step|question|questions"
    "|degrees|out|of|point|points|seats|tickets|boys|girls|haircuts|services|location"
    "|locations|hand|half|choice|cm|mm|years|year|yo|old|least|most|daughters|sons"
    "|months|month|days|day|weeks|week|hours|hour|minutes|minute|mins|hrs|clients|of us|and a half",
)
_w.add(K.NTH, "visit|appointment|session|slot|haircut|attempt|position|line|generation|edition")
_w.add(
    K.FILLER,
    "please|pls|thanks|thank|works|work|is|was|would|will|should|if|ok|okay|good|fine|with|then"
    "|but|because|as|so|that|can|could|maybe|instead|best|suits|sounds|any|with|i|we|you|are|do",
)
# Phrases that hold such a word and say nothing about a date.
_w.add(
    K.FILLER,
    "good morning|good afternoon|good evening|good night|good day|nice evening|nice day"
    "|nice weekend|good weekend|great weekend|great day|great evening|may i|may we|may be"
    "|may not|may you|may he|may she|may they|may come|may have|may need|may want|may also"
    "|why not|not sure|second floor|second time|one second|a second|wait a second|just a second"
    "|a lovely evening|lovely weekend|lovely day|march in|march on|at first|last minute"
    "|which one|that one|this one|the other one|another one|one of"
    "|the other day|happy new year|in the new year"
    "|whole day|all day|at once|at one of|last time|next time",
)

ENGLISH = _w.build(
    "en",
    ordinal_suffixes="st|nd|rd|th",
    dotted_ordinals=False,
    forgiving=(K.WEEKDAY, K.MONTH, K.DAY, K.PART),
    never_misspelled="sundry|sundae|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays"
    "|sundays|warning|remember|member|weekends|weekdays|nights|fighting|evenly|leaving|august's"
    "|thirsty|manday|mayday|payday|midday|someday|noonday|boring|moving|mourning|morning's|monda"
    "|fridge|marchs|sunny|dember|augusta|juliet",
)
