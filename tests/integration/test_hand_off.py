"""Handing a chat to a person: who is told what, who answers, and when the assistant is back."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from assistant.conversation import Conversation
from assistant.guided.actions import Press, Verb
from assistant.housekeeping import Housekeeper
from assistant.messages import IncomingKind, Replied
from assistant.model.port import Finish
from booking.hand_off import Answered, HandOffReason, Owner, TakenByAnother
from db.repositories.outbox import ReplyTo
from db.store import Store
from tests.conftest import MovableClock, Server, apply_file, connected, load_example
from tests.fakes.model import calls, says
from tests.integration.hand_off_support import ADA, BEN, OLGA, PAUL, WORDS, Town

BOOK = {"service": "haircut", "when": "Tue 2026-11-24 10:00", "staff": None, "notes": None}
GIVE_BACK = "Give back"


async def town_with(store: Store, *owners: int) -> Town:
    slug = f"barber-{uuid.uuid4().hex[:12]}"
    file = load_example().model_copy(update={"owner_chat_ids": owners, "slug": slug})
    return Town(store, await apply_file(store, file))


@pytest.fixture(scope="module")
def town_url(server: Server) -> Iterator[str]:
    """The URL of a database that the towns of this file share: each is a business of its own."""
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def store(town_url: str, clock: MovableClock) -> AsyncIterator[Store]:
    """The shared database as the assistant uses it."""
    database = connected(town_url)
    yield Store(database, clock)
    await database.close()


@pytest.fixture
async def town(store: Store) -> Town:
    """A shop of two owners, in whose chats the bot may write."""
    return await town_with(store, OLGA, PAUL)


# --- how it begins


async def test_the_owners_get_the_conversation_and_the_appointments(town: Town) -> None:
    await town.says(ADA, "haircut on Tuesday at 10")
    await town.says(ADA, "yes")
    [told] = await town.says(ADA, "/human")
    [number] = await town.read("SELECT id FROM appointments")
    assert told.startswith("I've passed this chat on to Northside Barbers")
    assert "/bot" in told
    for owner in (OLGA, PAUL):
        booked, head, talk = town.phones.to(owner)
        assert booked.startswith("🆕 New booking")
        assert head.splitlines()[:3] == [
            "🙋 Ada would like to talk to a person",
            "Upcoming appointments:",
            f"• Tuesday, 24 November, 10:00: Haircut, with Anna (#{number})",
        ]
        said = "The conversation so far:\nAda: haircut on Tuesday at 10\nAssistant: Please check"
        assert talk.startswith(said)


async def test_a_long_conversation_is_told_in_messages_that_fit(town: Town) -> None:
    for n in range(6):
        await town.says(ADA, f"{n} " + "word " * 390, says("Which day?"))
    await town.says(ADA, "/human")
    talk = town.phones.to(OLGA)[1:]
    assert len(talk) > 3
    assert all(len(part) <= 4096 for part in talk)
    assert "".join(talk).count("word") == 6 * 390


async def test_the_model_asks_for_a_person_and_code_says_so(town: Town) -> None:
    [told] = await town.says(ADA, "I want a human", calls("ask_for_human", {}))
    assert told.startswith("I've passed this chat on")
    assert len(town.model.requests) == 1
    assert town.phones.to(OLGA)[1] == "The conversation so far:\nAda: I want a human"
    assert await town.read("SELECT outcome FROM turns") == ["handed_off"]


@pytest.mark.parametrize(
    "said",
    [
        "I'd like to talk to a real person",
        "можно поговорить с человеком?",
        "Kann ich mit einem Menschen sprechen?",
        "quiero hablar con una persona",
    ],
)
async def test_without_a_model_words_call_a_person_too(town: Town, said: str) -> None:
    [told] = await town.says(ADA, said)
    assert "/bot" in told
    assert town.phones.to(OLGA)[0].startswith("🙋 Ada would like to talk to a person")
    assert town.phones.to(OLGA)[1].endswith(f"Ada: {said}")


async def test_a_hand_off_that_is_only_claimed_is_not_delivered(town: Town) -> None:
    lie = says("I've passed this on to the manager, they will call you back.")
    [told] = await town.says(ADA, "I am unhappy", lie, calls("ask_for_human", {}))
    assert told.startswith("I've passed this chat on")
    [told] = await town.says(BEN, "I am unhappy", lie, lie)
    assert told == WORDS.texts.say("unbacked_claim", "en")
    assert len(await town.read("SELECT id FROM hand_offs")) == 1


@pytest.mark.parametrize(
    ("said", "reason", "headline"),
    [
        ("Help, she just collapsed in your shop", "medical", "🚑 Ada"),
        ("Ваш мастер меня ударил, меня ударили", "abuse", "⚠️ Ada"),
    ],
)
async def test_an_emergency_calls_a_person_before_any_model(
    town: Town, said: str, reason: str, headline: str
) -> None:
    [told] = await town.says(ADA, said, says("never asked"))
    assert town.model.requests == []
    assert ("112" in told) == (reason == "medical")
    assert town.phones.to(OLGA)[0].startswith(headline)
    assert await town.read("SELECT reason FROM hand_offs") == [reason]


async def test_two_clarifications_that_led_nowhere_call_a_person(town: Town) -> None:
    for said in ("blah blub", "hm hm hm"):
        [told] = await town.says(ADA, said)
        assert told.startswith("I'm not sure I follow")
    [told] = await town.says(ADA, "qwertz")
    assert told.startswith("Sorry, I don't seem to understand what you need.\nI've passed this")
    assert await town.read("SELECT outcome FROM turns ORDER BY id") == [
        "unclear",
        "unclear",
        "handed_off",
    ]


async def test_the_same_question_three_times_calls_a_person(town: Town) -> None:
    asked = says("Which service would you like to book?")
    await town.says(ADA, "the usual", asked)
    await town.says(ADA, "you know which", asked)
    [told] = await town.says(ADA, "the one from last time", asked)
    assert told.startswith("Sorry, I don't seem to understand")


async def test_questions_that_get_somewhere_call_nobody(town: Town) -> None:
    await town.says(ADA, "blah blub")
    await town.says(ADA, "hm hm hm")
    await town.says(ADA, "haircut on Tuesday at 10")
    await town.says(ADA, "hm hm hm")
    for question in ("Which service?", "Which day would suit you?", "At what time on Tuesday?"):
        assert await town.says(BEN, "well", says(question)) == [question]
    assert await town.read("SELECT id FROM hand_offs") == []


async def test_an_empty_model_calls_a_person_at_the_third_time(town: Town) -> None:
    empty = says("", Finish.EMPTY)
    for _ in range(3):
        told = await town.says(ADA, "hello?", empty, empty)
    assert told[0].startswith("Sorry, I don't seem to understand")


async def test_without_an_owners_chat_the_contact_is_given(store: Store) -> None:
    town = await town_with(store)
    [told] = await town.says(ADA, "a human please", calls("ask_for_human", {}))
    assert told.splitlines() == [
        "I can't bring a person into this chat.",
        "Please contact us directly: +49 30 1234567",
    ]
    assert await town.read("SELECT id FROM hand_offs") == []
    # What nobody was told of is no hand-off that the model might speak of.
    lie = says("I've told the owner, they will write to you.")
    assert await town.says(ADA, "and?", lie, lie) == [WORDS.texts.say("unbacked_claim", "en")]


async def test_owners_are_not_called_without_end(town: Town) -> None:
    for _ in range(5):
        await town.says(ADA, "/human")
        await town.says(ADA, "/bot")
    [told] = await town.says(ADA, "/human")
    assert told.startswith("I can't bring a person into this chat.")
    assert len(await town.read("SELECT id FROM hand_offs")) == 5
    # Where somebody may be in danger nobody counts.
    [told] = await town.says(ADA, "please call an ambulance")
    assert "112" in told
    assert len(await town.read("SELECT id FROM hand_offs")) == 6


async def test_nobody_is_seen_typing_where_a_person_answers(town: Town) -> None:
    await town.says(ADA, "hello")
    await town.says(ADA, "/human")
    assert town.phones.typing_in == [ADA, ADA]
    await town.says(ADA, "is anybody there?")
    await town.says(ADA, "/bot")
    assert town.phones.typing_in == [ADA, ADA]
    await town.says(ADA, "hello")
    assert town.phones.typing_in == [ADA, ADA, ADA]


async def test_what_was_edited_is_passed_on_as_such(town: Town) -> None:
    await town.says(ADA, "/human")
    await town.says(ADA, "Tuesday at ten")
    await town.says(ADA, "Tuesday at eleven", is_correction=True)
    said = town.phones.to(OLGA)[-2:]
    assert said == [
        "Ada: Tuesday at ten",
        "✏️ An earlier message, edited:\nAda: Tuesday at eleven",
    ]


# --- while a person has the chat


async def test_what_the_customer_writes_goes_to_the_owners_and_the_model_is_not_asked(
    town: Town,
) -> None:
    await town.says(ADA, "/human")
    assert await town.says(ADA, "is anybody there?", says("never asked")) == []
    assert town.model.requests == []
    assert town.phones.to(OLGA)[-1] == town.phones.to(PAUL)[-1] == "Ada: is anybody there?"
    assert await town.says(BEN, "hello", says("Hi Ben!")) == ["Hi Ben!"]
    # Once a person has taken it, only they are told.
    await town.says(OLGA, "Yes, I am", reply_to="is anybody there?")
    before = len(town.phones.to(PAUL))
    await town.says(ADA, "great")
    assert town.phones.to(OLGA)[-1] == "Ada: great"
    assert len(town.phones.to(PAUL)) == before


async def test_a_message_that_is_no_text_is_shown_as_it_is(town: Town) -> None:
    await town.says(ADA, "/human")
    album = {"text": "like this", "attached": ((70, 77), (71, 78))}
    assert await town.does(ADA, IncomingKind.TEXT, **album) == []
    *_, words, first, second = [out for chat, _, out in town.phones.sent if chat == OLGA]
    assert words.text == "Ada: like this"
    assert [out.copy_of.message_id for out in (first, second) if out.copy_of] == [77, 78]
    assert await town.does(ADA, IncomingKind.CONTACT, text="493012345", message_id=79) == []
    *_, (_, _, card) = [sent for sent in town.phones.sent if sent[0] == OLGA]
    assert card.copy_of is not None
    assert card.copy_of.message_id == 79


async def test_cards_and_commands_still_work(town: Town) -> None:
    await town.says(ADA, "haircut on Tuesday at 10")
    await town.says(ADA, "/human")
    # A typed yes may answer the person: only the button is for the card.
    assert await town.says(ADA, "yes") == []
    assert await town.read("SELECT status FROM appointments") == ["held"]
    [receipt] = await town.presses(ADA, "Confirm")
    assert receipt.startswith("✅ Booked")
    [mine] = await town.says(ADA, "/my")
    assert "Haircut" in mine
    [status] = await town.says(ADA, "/start")
    assert status.startswith("A person at Northside Barbers has this chat")


async def test_an_emergency_is_answered_even_then(town: Town) -> None:
    await town.says(ADA, "/human")
    [told] = await town.says(ADA, "please call an ambulance")
    assert told.startswith("❗ If anybody is in danger")
    assert town.phones.to(OLGA)[-1] == "Ada: please call an ambulance"


async def test_a_crash_passes_a_message_on_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.says(ADA, "/human")

    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Conversation, "_finish", dies)
        with pytest.raises(KeyboardInterrupt):
            await town.says(ADA, "hello?", update_id=50)
        with pytest.raises(KeyboardInterrupt):
            await town.says(OLGA, "Hello Ada", update_id=51, reply_to="Ada would like")
    # Olga gives the chat back before Ada's message is handled again: it was passed on already.
    await town.deliver()
    await town.presses(OLGA, GIVE_BACK)
    assert await town.says(ADA, "hello?", says("never asked"), update_id=50) == []
    assert await town.says(OLGA, "Hello Ada", update_id=51, reply_to="Ada would like") == []
    [passed] = [told for told in town.phones.to(OLGA) if told.startswith("✓ Passed on")]
    assert "You have the chat with Ada now" in passed
    assert town.phones.to(OLGA).count("Ada: hello?") == 1
    assert town.phones.to(ADA).count("👤 Olga, Northside Barbers:\nHello Ada") == 1
    assert len(await town.read("SELECT id FROM hand_offs")) == 1


async def test_a_crash_after_asking_tells_the_owners_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    said = (("/human", ()), ("a human", (calls("ask_for_human", {}),)), ("he hit me", ()))
    for update_id, (words, script) in enumerate(said, start=60):
        who = (ADA, BEN, PAUL)[update_id - 60]
        with monkeypatch.context() as patch:
            patch.setattr(Conversation, "_finish", dies)
            with pytest.raises(KeyboardInterrupt):
                await town.says(who, words, *script, update_id=update_id)
        *_, told = await town.says(who, words, *script, update_id=update_id)
        assert told.startswith("I've passed this chat on")
        assert town.model.requests == []
    heads = [told for told in town.phones.to(OLGA) if "\nTo answer" in told]
    assert len(heads) == 3


# --- who answers


async def test_the_first_who_answers_has_the_chat_and_the_others_see_who(town: Town) -> None:
    await town.says(ADA, "/human")
    [told] = await town.says(OLGA, "Hi Ada, how can I help?", reply_to="Ada would like")
    assert told.startswith("✓ Passed on. You have the chat with Ada now")
    assert town.phones.to(ADA)[-1] == "👤 Olga, Northside Barbers:\nHi Ada, how can I help?"
    assert town.phones.to(PAUL)[-1] == "Olga is answering Ada now."
    [told] = await town.says(PAUL, "And I?", reply_to="Olga is answering")
    assert told == "Olga has this chat. Your message was not passed on."
    # Any message of the chat can be replied to, one's own too.
    written = Replied(message_id=10_000 + town.updates - 1)
    assert await town.says(OLGA, "Still there?", replied=written) == ["✓ Passed on to Ada"]
    assert town.phones.to(ADA)[-1].endswith("Still there?")


async def test_two_owners_who_answer_at_once(town: Town) -> None:
    """Fails when the row isn't locked: then both have the chat."""
    await town.says(ADA, "/human")
    [number] = await town.read("SELECT id FROM hand_offs")

    async def answer(owner: int) -> Answered | TakenByAnother | None:
        return await town.store.run(
            town.business,
            lambda uow: uow.hand_offs.answer(
                number,
                Owner(town.phones.name, owner, str(owner)),
                "hi",
                key=f"k{owner}",
                message_id=owner,
            ),
        )

    for _ in range(10):
        outcomes = await asyncio.gather(answer(OLGA), answer(PAUL))
        assert sum(isinstance(each, Answered) for each in outcomes) == 1
        async with town.store.database.transaction(town.business.id) as session:
            for statement in (
                "UPDATE hand_offs SET taken_by = NULL, taken_name = NULL",
                "DELETE FROM hand_off_messages",
            ):
                await session.execute(text(statement))


async def test_asking_twice_at_once_is_asking_once(town: Town) -> None:
    """Fails without the unique index: then there are two hand-offs, and two notices."""
    await town.says(ADA, "hi")
    [customer] = await town.read("SELECT id FROM customers")

    async def ask(key: str) -> bool:
        asked = await town.store.run(
            town.business,
            lambda uow: uow.hand_offs.ask(
                customer,
                HandOffReason.ASKED,
                key=key,
                to=ReplyTo(town.phones.name, ADA, "en"),
                said="",
            ),
        )
        return asked.new

    assert sorted(await asyncio.gather(*(ask(f"k{n}") for n in range(6)))) == [False] * 5 + [True]
    assert len(await town.read("SELECT id FROM hand_offs")) == 1


async def test_an_owner_who_writes_without_replying_is_told_how(town: Town) -> None:
    await town.says(ADA, "/human")
    assert await town.says(OLGA, "hello", says("Hello Olga!")) == ["Hello Olga!"]
    await town.says(OLGA, "Hi", reply_to="Ada would like")
    [told] = await town.says(OLGA, "what did you say?", says("never asked"))
    assert told.startswith("This was not passed on. To answer a customer, reply to")
    assert town.phones.to(ADA)[-1].endswith("\nHi")


async def test_strangers_can_neither_answer_nor_give_back(town: Town) -> None:
    await town.says(ADA, "/human")
    [number] = await town.read("SELECT id FROM hand_offs")
    forged = Press(Verb.GIVE_BACK, hand_off=number).encode()
    [told] = await town.does(BEN, IncomingKind.PRESS, action=forged)
    assert told.startswith("I don't know that button.")
    assert await town.says(BEN, "/done") == await town.says(BEN, "/nonsense")
    notice = Replied(message_id=town.number_of(OLGA, "Ada would like"), actions=(forged,))
    assert await town.says(BEN, "pay me", says("Sorry?"), replied=notice) == ["Sorry?"]
    assert town.phones.to(ADA)[-1].startswith("I've passed this chat on")
    assert await town.read("SELECT id FROM hand_offs WHERE ended_at IS NULL") == [number]


async def test_a_notice_whose_number_is_not_known_is_known_by_its_button(town: Town) -> None:
    await town.says(ADA, "/human")
    [number] = await town.read("SELECT id FROM hand_offs")
    action = Press(Verb.GIVE_BACK, hand_off=number).encode()
    lost = Replied(message_id=999, actions=(action,))
    await town.says(OLGA, "Hi", replied=lost)
    assert town.phones.to(ADA)[-1].endswith("\nHi")


async def test_the_model_reads_later_what_a_person_wrote(town: Town) -> None:
    await town.says(ADA, "/human")
    await town.says(ADA, "can you do Sunday?")
    await town.says(OLGA, "Only this once.", reply_to="Sunday")
    await town.presses(OLGA, GIVE_BACK)
    await town.says(ADA, "ok", says("Fine!"))
    read = str(town.model.requests[0].items)
    assert "can you do Sunday?" in read
    assert "[Olga, a person of the business:] Only this once." in read


# --- how it ends


async def test_the_owner_gives_it_back_with_the_button(town: Town) -> None:
    await town.says(ADA, "/human")
    assert await town.presses(OLGA, GIVE_BACK) == ["✓ The assistant answers Ada again."]
    assert town.phones.to(ADA)[-1].startswith("The assistant answers here again.")
    assert town.phones.to(PAUL)[-1] == "Olga has given the chat with Ada back to the assistant."
    assert await town.presses(PAUL, GIVE_BACK) == ["The assistant already answers in that chat."]
    assert await town.says(ADA, "hi", says("Hello!")) == ["Hello!"]


async def test_done_gives_back_what_is_replied_to_or_the_only_one(town: Town) -> None:
    assert await town.says(OLGA, "/done") == ["You have no chat right now."]
    for who, name in ((ADA, "Ada"), (BEN, "Ben")):
        await town.says(who, "/human")
        await town.says(OLGA, "Hi", reply_to=f"{name} would like")
    assert await town.says(OLGA, "/done") == [
        "Give the chat with Ada back to the assistant?",
        "Give the chat with Ben back to the assistant?",
    ]
    assert await town.presses(OLGA, GIVE_BACK) == ["✓ The assistant answers Ben again."]
    assert await town.says(OLGA, "/done") == ["✓ The assistant answers Ada again."]
    await town.says(BEN, "/human")
    told = await town.says(OLGA, "/done", reply_to="Ben would like")
    assert told == ["✓ The assistant answers Ben again."]


async def test_the_customer_gets_the_assistant_back(town: Town) -> None:
    await town.says(ADA, "/human")
    await town.says(OLGA, "Hi", reply_to="Ada would like")
    [told] = await town.presses(ADA, "Back to the assistant")
    assert told.startswith("The assistant answers here again.")
    assert town.phones.to(OLGA)[-1] == "Ada has gone back to the assistant."
    assert await town.says(ADA, "hi", says("Hello!")) == ["Hello!"]
    assert (await town.says(ADA, "/bot"))[0].startswith("The assistant answers here again.")


async def test_after_long_silence_the_assistant_is_back(town: Town, clock: MovableClock) -> None:
    await town.says(ADA, "/human")
    clock.advance(hours=11)
    await town.says(OLGA, "One moment", reply_to="Ada would like")
    clock.advance(hours=11, minutes=59)
    keeper = Housekeeper(town.store, [town.business.id])
    assert await keeper.work() == 0
    clock.advance(minutes=1)
    # Several processes look at once: one of them ends it.
    assert sorted(await asyncio.gather(*(keeper.work() for _ in range(3)))) == [0, 0, 1]
    await town.deliver()
    assert town.phones.to(ADA)[-1].splitlines() == [
        "Northside Barbers hasn't written here for a while.",
        "The assistant answers here again. To talk to a person, write /human.",
    ]
    assert town.phones.to(OLGA)[-1].startswith("Nobody has answered Ada for a while")
    # A late answer arrives, and takes the chat up again.
    [told] = await town.says(OLGA, "Sorry for the wait!", reply_to="Nobody has answered Ada")
    assert told.startswith("✓ Passed on. You have the chat with Ada now")
    assert town.phones.to(ADA)[-1].endswith("\nSorry for the wait!")
    assert await town.says(ADA, "no problem", says("never asked")) == []
    assert town.phones.to(OLGA)[-1] == "Ada: no problem"


async def test_when_no_owner_can_be_reached_the_contact_is_given(town: Town) -> None:
    town.phones.gone |= {OLGA, PAUL}
    await town.says(ADA, "/human")
    assert await Housekeeper(town.store, [town.business.id]).work() == 1
    await town.deliver()
    assert town.phones.to(ADA)[-1].splitlines() == [
        "Unfortunately, I couldn't reach anybody. The assistant answers here again.",
        "Please contact us directly: +49 30 1234567",
    ]
    assert await town.says(ADA, "hi", says("Hello!")) == ["Hello!"]
