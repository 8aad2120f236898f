"""What typed words mean: yes and no, intents, services and people, in four languages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guided.typed import MAX_CHARACTERS, Kind, kind_of, understand, yes_or_no
from assistant.guided.vocabulary import Intent, IntentsError, Words, shipped_words, words_of
from booking.business import STAFF, Business, LocalText, Resource, Service

WORDS = shipped_words()


def service(number: int, slug: str, **names: str) -> Service:
    people = (1,) if slug == "colouring" else (1, 2)
    return Service(number, slug, LocalText(names), 30, resource_ids={STAFF: people})


BUSINESS = Business(
    id=1,
    slug="shop",
    name=LocalText({"en": "Shop"}),
    zone="Europe/Berlin",
    languages=("en", "ru"),
    hours={},
    services=(
        service(1, "haircut", en="Haircut", ru="Стрижка", de="Haarschnitt"),
        service(2, "beard-trim", en="Beard trim", ru="Стрижка бороды", de="Bartschnitt"),
        service(3, "both", en="Haircut and beard", ru="Стрижка и борода", de="Haare und Bart"),
        service(4, "colouring", en="Colouring", ru="Окрашивание", de="Färben"),
    ),
    resources=(
        Resource(1, "anna", STAFF, LocalText({"en": "Anna", "ru": "Анна"})),
        Resource(2, "boris", STAFF, LocalText({"en": "Boris", "ru": "Борис"})),
    ),
)


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "Yes!", "YES", "yesss", "yep", "yes please", "ok 👍", "👍", "✅", "okay, book it"),
        *("y", "confrim", "yes, cancel it", "sounds good", "да", "Да.", "дааа", "ага"),
        *("да, подтверждаю", "ок", "хорошо", "записывайте", "да, отменить", "ja", "Ja, bitte"),
        *("let's do it", "I'll take it", "alright", "passt, nehme ich", "geht klar", "беру"),
        *("sí", "si", "vale", "claro", "Sí, por favor", "perfecto, gracias", "sí, cancélala"),
    ],
)
def test_a_bare_yes(text: str) -> None:
    assert yes_or_no(text, WORDS) is True


@pytest.mark.parametrize(
    "text",
    [
        *("no", "No.", "nope", "nooo", "no thanks", "don't cancel", "keep it", "👎", "never mind"),
        *("нет", "Нет!", "неет", "не надо", "нет, спасибо", "нет, не отменяйте", "оставьте"),
        *("nein", "nein danke", "no gracias", "no, cancel"),
        *("mejor no", "No la canceles", "déjalo así", "para nada"),
    ],
)
def test_a_bare_no(text: str) -> None:
    assert yes_or_no(text, WORDS) is False


@pytest.mark.parametrize(
    "text",
    [
        *("mi reserva", "sí, pero a las 4", "¿sí?", "otra hora", "mañana"),
        *("is that ok", "is it right", "yes 👎", "no 👍", "да ладно", "да ну", "na ja", "no sé"),
        *("", "?", "yes?", "да?", "now", "yes no", "да нет", "yes but at 4", "no, tuesday"),
        *(
            "да, а можно в пятницу",
            "cancel",
            "отменить",
            "please",
            "👍👎",
            "😀",
            "tomorrow",
            "yes " * 999,
        ),
    ],
)
def test_what_is_no_bare_yes_or_no(text: str) -> None:
    assert yes_or_no(text, WORDS) is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("my appointments", Intent.MY),
        ("Мои записи", Intent.MY),
        ("meine Termine", Intent.MY),
        ("mis citas", Intent.MY),
        ("¿Cuándo es mi cita?", Intent.MY),
        ("no voy a poder ir", Intent.CANCEL),
        ("anula mi cita", Intent.CANCEL),
        ("¿puedes cambiar la hora?", Intent.MOVE),
        ("quiero reprogramar", Intent.MOVE),
        ("¿Cuánto vale un corte?", Intent.SERVICES),
        ("¿cómo reservo?", Intent.HELP),
        ("¡Buenas tardes!", Intent.START),
        ("muchas gracias", Intent.THANKS),
        ("lo antes posible", Intent.SOONEST),
        ("el primer hueco que tengas", Intent.SOONEST),
        ("me da igual con quién", Intent.ANYONE),
        ("mejor otro día", Intent.OTHER_DAY),
        ("otro horario", Intent.OTHER_TIMES),
        ("quería pedir hora", Intent.BOOK),
        ("please cancel it", Intent.CANCEL),
        ("отмените запись", Intent.CANCEL),
        ("Termin absagen", Intent.CANCEL),
        ("can I reschedule", Intent.MOVE),
        ("перенесите на среду", Intent.MOVE),
        ("verschieben", Intent.MOVE),
        ("how much is it", Intent.SERVICES),
        ("Сколько стоит стрижка?", Intent.SERVICES),
        ("help", Intent.HELP),
        ("что ты умеешь", Intent.HELP),
        ("Hello!", Intent.START),
        ("привет", Intent.START),
        ("спасибо!", Intent.THANKS),
        ("asap", Intent.SOONEST),
        ("к любому мастеру", Intent.ANYONE),
        ("another day", Intent.OTHER_DAY),
        ("другое время", Intent.OTHER_TIMES),
        ("хочу записаться", Intent.BOOK),
    ],
)
def test_intents(text: str, intent: Intent) -> None:
    assert intent in WORDS.intents(words_of(text))


def test_a_word_inside_a_wish_is_no_intent() -> None:
    intents = WORDS.intents(words_of("hello, can you help me book a haircut"))
    assert intents == {Intent.BOOK}


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("a haircut please", ["haircut"]),
        ("haircuts", ["haircut"]),
        ("hairuct", ["haircut"]),
        ("на стрижку", ["haircut"]),
        ("Haarschnitt", ["haircut"]),
        ("стрижку бороды", ["beard-trim"]),
        ("trim my beard", ["beard-trim"]),
        ("trim", ["beard-trim"]),
        ("beard", ["beard-trim", "both"]),
        ("haircut and beard", ["both"]),
        ("стрижка и борода", ["both"]),
        ("färben", ["colouring"]),
        ("massage", []),
        ("", []),
        ("haircut and colour on friday", ["haircut", "colouring"]),
        ("Haarschnitt und Bart", ["haircut", "both"]),
    ],
)
def test_services_as_they_are_written(text: str, slugs: list[str]) -> None:
    said = understand(text, text, BUSINESS, WORDS)
    assert [service.slug for service in said.services] == slugs


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        *(("with Anna", "anna"), ("к Анне", "anna"), ("у Анны", "anna"), ("с Анной", "anna")),
        *(("Boris please", "boris"), ("к Борису", "boris"), ("Anna or Boris", None)),
        *(("haircut", None), ("борода", None)),
    ],
)
def test_people(text: str, slug: str | None) -> None:
    said = understand(text, text, BUSINESS, WORDS)
    assert (said.staff and said.staff.slug) == slug


def test_a_stranger_is_noticed() -> None:
    assert understand("haircut with Maria", "haircut with Maria", BUSINESS, WORDS).stranger
    assert not understand("haircut with Anna", "haircut with Anna", BUSINESS, WORDS).stranger
    assert not understand("haircut with care", "haircut with care", BUSINESS, WORDS).stranger


@pytest.mark.parametrize(
    "rest",
    [
        *("massage", "a massage please", "can I get a massage", "do you do eyelash extensions"),
        *("массаж", "хочу на массаж", "сделаете массаж", "eine Massage bitte"),
        *("ich hätte gern eine Massage", "¿hacen masajes?", "quiero un masaje"),
    ],
)
def test_an_unknown_service_is_noticed_where_one_is_named(rest: str) -> None:
    assert understand(rest, rest, BUSINESS, WORDS).unknown_service


@pytest.mark.parametrize(
    "rest",
    [
        *("can I come", "I would like to come in sometime, would be best", "a haircut"),
        *("my grandmother recommended this place to me", "хочу прийти", "asdf", "qwerty please"),
        *("я тут мимо пробегал и решил написать", "ich möchte irgendwann vorbeikommen"),
        *("фыва", "quisiera ir, mejor", "pasaba por delante y me acordé de vosotros"),
    ],
)
def test_other_words_name_no_service(rest: str) -> None:
    assert not understand(rest, rest, BUSINESS, WORDS).unknown_service


@pytest.mark.parametrize(
    ("text", "nonsense"),
    [("asdf", True), ("Фывапр", True), ("grmpf", True), ("massage", False), ("haircut", False)],
)
def test_keys_that_were_only_hit_are_no_words(text: str, nonsense: bool) -> None:
    assert understand(text, text, BUSINESS, WORDS).nonsense is nonsense


@pytest.mark.parametrize(
    ("text", "which"),
    [
        *(("the second one", 1), ("I'll take the last one please", -1), ("ok, the first", 0)),
        *(("option 3", 2), ("давайте вторую", 1), ("второй вариант", 1), ("die zweite bitte", 1)),
        *(("das letzte", -1), ("la tercera", 2), ("el segundo, por favor", 1)),
        *(("not the second one", None), ("the first or the last", None), ("the first week", None)),
        *(("не второй", None), ("my first visit with a friend", None), ("second", 1), ("", None)),
    ],
)
def test_what_chooses_by_its_place(text: str, which: int | None) -> None:
    assert WORDS.choice(words_of(text)) == which


def test_two_dots_stand_for_any_words() -> None:
    for text in ("when on Friday do you open", "Habt ihr am 25. noch offen?", "вы в пт работаете"):
        assert Intent.HOURS in WORDS.intents(words_of(text))
    for text in ("open, but when", "haben Sie am Freitag was frei", "ich möchte einen Termin"):
        assert not WORDS.intents(words_of(text)) & {Intent.HOURS, Intent.MY}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hi", Kind.WORDS),
        ("5", Kind.WORDS),
        ("😀😀", Kind.EMOJI),
        ("👩🏽‍🦰❤️", Kind.EMOJI),
        ("?!", Kind.NOTHING),
        (" \n", Kind.NOTHING),
        ("x" * (MAX_CHARACTERS + 1), Kind.TOO_LONG),
    ],
)
def test_what_sort_of_text_it_is(text: str, kind: Kind) -> None:
    assert kind_of(text) is kind


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    yes_or_no(text, WORDS)
    understand(text, text, BUSINESS, WORDS)
    kind_of(text)


def test_a_list_that_is_missing_is_named() -> None:
    with pytest.raises(IntentsError, match="en: affirm: missing"):
        Words({"en": {"deny": "no"}})


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "intents.yaml"
    file.write_text("- yes\n", encoding="utf-8")
    with pytest.raises(IntentsError, match="languages with lists"):
        Words.load(file)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("can I speak with the owner?", True),
        ("I don't want to talk to a bot", True),
        ("could someone call me back?", True),
        ("дайте человека", True),
        ("хочу говорить с людьми, а не с роботом", True),
        ("kann ich mit jemandem reden?", True),
        ("kein Roboter bitte", True),
        ("pásame con un humano", True),
        ("¿hay alguien ahí?", True),
        ("is there someone free at 5?", False),
        ("any person will do", False),
        ("Termin mit dem Chef am Dienstag um 10", False),
        ("мы придём вдвоём, два человека", False),
        ("una reserva para una persona", False),
    ],
)
def test_who_asks_for_a_person(text: str, asks: bool) -> None:
    assert (Intent.HUMAN in WORDS.intents(words_of(text))) is asks
