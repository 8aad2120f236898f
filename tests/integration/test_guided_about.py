"""Questions about the business, and what is said beside the matter, without a model."""

import pytest

from booking.business import Business
from booking.draft import DraftStage
from db.store import Store
from tests.integration.guided_support import Chat, S, book, chat_about, new_chat

CLOSED = {
    "en": "Friday, 25 December: closed",
    "ru": "Пятница, 25 декабря: закрыто",
    "de": "Freitag, 25. Dezember: geschlossen",
    "es": "Viernes, 25 de diciembre: cerrado",
}


@pytest.fixture
async def chat(store: Store, business: Business) -> Chat:
    return await new_chat(store, business)


@pytest.mark.parametrize(
    ("language", "said", "answer"),
    [
        ("en", "are you open on christmas?", CLOSED["en"]),
        ("en", "when do you open tomorrow", "Sunday, 22 November: closed"),
        ("en", "where are you?", "Address: Kastanienallee 12, Berlin"),
        ("en", "your phone number?", "+49 30 1234567, @northside_barbers"),
        ("en", "is there parking?", "Free parking in the yard"),
        ("en", "can I pay by card?", "Cash and cards"),
        ("en", "how much is a haircut?", "Haircut · 45 min · €35.00"),
        ("ru", "вы 25 декабря работаете?", CLOSED["ru"]),
        ("ru", "где вы находитесь?", "Адрес: Кастаниеналлее 12"),
        ("ru", "можно картой?", "Принимаем наличные и карты"),
        ("de", "Habt ihr am 25. Dezember offen?", CLOSED["de"]),
        ("de", "Wo seid ihr?", "Adresse: Kastanienallee 12"),
        ("de", "Gibt es Parkplätze?", "Kostenlose Parkplätze"),
        ("es", "¿Abren en Navidad?", CLOSED["es"]),
        ("es", "¿Cuál es su teléfono?", "Contacto: +49 30 1234567"),
        ("es", "¿Puedo pagar con tarjeta?", "con tarjeta"),
    ],
)
async def test_questions_about_the_business_are_answered(
    chat: Chat, language: str, said: str, answer: str
) -> None:
    chat.language = language
    assert answer in await chat.say(said)
    assert (await chat.draft()).stage is DraftStage.IDLE
    assert chat.buttons


async def test_the_week_is_told_in_groups_with_the_days_that_differ(chat: Chat) -> None:
    told = await chat.say("opening hours?")
    assert told.startswith("Saturday, 21 November: 10:00–18:00\n")  # what is wanted most: today
    assert "\nMon: 12:00–19:00\nTue–Fri: 10:00–14:00 and 15:00–20:00\nSat: 10:00–18:00\n" in told
    assert "Sun: closed" in told
    assert "Thursday, 24 December: 10:00–14:00\nFriday, 25 December: closed" in told


async def test_hours_that_nobody_has_given_are_asked_of_a_person(store: Store) -> None:
    chat = await chat_about(store, hours={}, exceptions={}, address=None)
    assert "+49 30 1234567" in await chat.say("opening hours?")
    assert "+49 30 1234567" in await chat.say("where are you?")


async def test_a_question_on_the_way_leaves_open_what_was_open(chat: Chat) -> None:
    await chat.say("haircut with Anna on Tuesday")
    told = await chat.say("is there parking?")
    assert told.startswith("Free parking")
    assert "Free on Tuesday, 24 November" in told
    card = await chat.say("15:00")
    assert "how much" not in card
    assert "€35.00" in await chat.say("how much is that?")
    assert chat.labels == ["Confirm", "Other times"]
    assert await chat.say("yes") == ""


async def test_a_question_beside_a_wish_is_answered_with_it(chat: Chat) -> None:
    told = await chat.say("how much is a haircut, and is Tuesday at 3pm free?")
    assert told.startswith("Haircut · 45 min · €35.00\n\nPlease check and confirm")


@pytest.mark.parametrize(
    "said",
    [
        *("no wait", "hold on", "stop", "hmm not yet", "not sure", "let me think"),
        *("нет подожди", "минутку", "стоп", "пока нет", "Moment", "nein warte", "noch nicht"),
        *("espera", "no espera", "todavía no", "un momento"),
    ],
)
async def test_who_hesitates_has_confirmed_nothing(chat: Chat, said: str) -> None:
    row = await book(chat)
    await chat.say("cancel")
    await chat.say(said)
    assert await chat.rows(S.CONFIRMED) == [row]
    await chat.command("start")
    await chat.say("haircut on Wednesday at 4pm")
    await chat.say(said)
    assert await chat.rows(S.CONFIRMED) == [row]


async def test_wait_leaves_the_card_and_no_wait_keeps_what_is_booked(chat: Chat) -> None:
    await book(chat)
    await chat.say("cancel")
    assert "Take your time" in await chat.say("hold on")
    assert chat.labels == ["Yes, cancel it", "Keep it"]
    assert "nothing was changed" in await chat.say("no wait")
    assert (await chat.draft()).stage is DraftStage.IDLE


@pytest.mark.parametrize(
    "said", ["fuck you", "asdf", "иди в жопу", "Arschloch", "vete a la mierda"]
)
async def test_rudeness_and_nonsense_get_a_short_friendly_word(chat: Chat, said: str) -> None:
    assert "only good at appointments" in await chat.say(said)
    await chat.say("on Tuesday at 3pm")
    assert "find that service" not in await chat.say(said)
    assert "Tuesday, 24 November, 15:00\n" in await chat.say("haircut")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        *(("en", "what do I have"), ("en", "when is my haircut?"), ("en", "anything booked?")),
        *(("ru", "что у меня записано"), ("ru", "когда у меня стрижка?")),
        *(("de", "was habe ich gebucht"), ("de", "Wann ist mein Haarschnitt?")),
        *(("es", "¿qué tengo reservado?"), ("es", "¿cuándo es mi cita?")),
    ],
)
async def test_ones_own_appointments_by_other_words(chat: Chat, language: str, said: str) -> None:
    await book(chat)
    chat.language = language
    assert "15:00" in await chat.say(said)
    assert "#" in chat.text


async def test_stop_ends_a_choice(chat: Chat) -> None:
    await chat.say("haircut on Tuesday")
    assert "nothing was changed" in await chat.say("never mind")
    assert (await chat.draft()).stage is DraftStage.IDLE


@pytest.mark.parametrize(
    ("language", "said", "answer"),
    [
        ("en", "can I bring my dog?", "I can't answer that, sorry"),
        ("ru", "а можно с собакой?", "На это я ответить не могу"),
        ("de", "kann ich meinen Hund mitbringen?", "Das kann ich leider nicht beantworten"),
        ("es", "¿puedo llevar a mi perro?", "Eso no se lo puedo responder"),
    ],
)
async def test_a_question_without_an_answer_names_who_can_be_asked(
    chat: Chat, language: str, said: str, answer: str
) -> None:
    await chat.say("haircut on Tuesday")
    chat.language = language
    assert answer in await chat.say(said)
    assert "+49 30 1234567" in chat.text
    assert "10:00" in chat.labels  # the question that was open is asked again


async def test_the_price_of_what_is_being_booked_is_told_alone(chat: Chat) -> None:
    await chat.say("beard trim on Tuesday")
    told = await chat.say("how much is it?")
    assert told.startswith("Beard trim · 30 min · €20.00\n\nBeard trim")
    assert "Colouring" not in told


async def test_what_adds_nothing_is_no_mistake(chat: Chat) -> None:
    await chat.say("haircut with Anna")
    assert "couldn't make out" not in await chat.say("for my son")
    assert "Which day suits you?" in chat.text
    assert "couldn't make out the date" in await chat.say("99")
