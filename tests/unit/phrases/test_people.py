"""How many people come, by hand-written tables in four languages."""

import pytest

from booking.phrases.people import people_in

SAID = [
    ("en", "yoga for three people", 3),
    ("en", "yoga for three", 3),
    ("en", "for 2 please", 2),
    ("en", "2 people", 2),
    ("en", "there are four of us", 4),
    ("en", "we're three", 3),
    ("en", "just me", 1),
    ("en", "me and a friend", 2),
    ("en", "my wife and I", 2),
    ("en", "two adults and one child", 3),
    ("en", "a table for 5", 5),
    ("en", "3 spots", 3),
    ("en", "is there a place?", 1),
    ("en", "party of six", 6),
    ("en", "for 3 haircuts", None),
    ("en", "for 3 pm", None),
    ("en", "for 3:30", None),
    ("en", "for a haircut", None),
    ("en", "for 50 euros", None),
    ("en", "call me at 5", None),
    ("en", "for 2 days", None),
    ("ru", "йога на троих", 3),
    ("ru", "нас двое", 2),
    ("ru", "нас будет 4", 4),
    ("ru", "на 3 человека", 3),
    ("ru", "для двоих, пожалуйста", 2),
    ("ru", "мы с подругой", 2),
    ("ru", "двое взрослых и один ребёнок", 3),
    ("ru", "3 места", 3),
    ("ru", "только я", 1),
    ("ru", "одно место", 1),
    ("ru", "придём вчетвером", 4),
    ("ru", "пять человек", 5),
    ("ru", "на 2 часа", None),
    ("ru", "на 3", None),
    ("ru", "запишите меня на стрижку", None),
    ("de", "Yoga für zwei Personen", 2),
    ("de", "für drei", 3),
    ("de", "wir sind zu dritt", 3),
    ("de", "wir sind vier", 4),
    ("de", "zu zweit", 2),
    ("de", "nur ich", 1),
    ("de", "für eine Person", 1),
    ("de", "2 Plätze bitte", 2),
    ("de", "meine Frau und ich", 2),
    ("de", "wir kommen zu fünft", 5),
    ("de", "fuenf Personen", 5),
    ("de", "für 15 Uhr", None),
    ("de", "für einen Haarschnitt", None),
    ("de", "für 2 Tage", None),
    ("es", "yoga para tres personas", 3),
    ("es", "somos tres", 3),
    ("es", "para dos", 2),
    ("es", "seremos cuatro", 4),
    ("es", "solo yo", 1),
    ("es", "una persona", 1),
    ("es", "2 plazas por favor", 2),
    ("es", "mi amiga y yo", 2),
    ("es", "dos adultos y un niño", 3),
    ("es", "somos 2", 2),
    ("es", "vamos cinco", 5),
    ("es", "para 3 cortes", None),
    ("es", "para un corte", None),
    ("es", "para 5 de la tarde", None),
]
ANSWERS = [
    ("en", "3", 3),
    ("en", "three please", 3),
    ("en", "just one", 1),
    ("en", "2 tomorrow", 2),
    ("en", "haircut", None),
    ("ru", "троих", 3),
    ("ru", "три", 3),
    ("ru", "трое", 3),
    ("de", "zwei", 2),
    ("es", "dos", 2),
    ("es", "solo una", 1),
]


@pytest.mark.parametrize(("language", "text", "count"), SAID)
def test_people_are_counted(language: str, text: str, count: int | None) -> None:
    found = people_in(text, languages=[language, "en"])
    assert (found and found.count) == count


@pytest.mark.parametrize(("language", "text", "count"), ANSWERS)
def test_a_bare_number_answers_the_question(language: str, text: str, count: int | None) -> None:
    found = people_in(text, languages=[language, "en"], asked=True)
    assert (found and found.count) == count
    unasked = people_in(text, languages=[language, "en"])
    assert unasked is None or text in ("троих", "трое")


def test_the_words_that_say_it_are_taken_out() -> None:
    found = people_in("Massage for my wife and me? No: für zwei Personen, bitte", languages=["de"])
    assert found is not None
    assert found.rest == "Massage for my wife and me? No: , bitte"
