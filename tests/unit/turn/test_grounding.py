"""What the model may say: sentences of four languages against what the turn has done."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import pytest

from assistant.turn.grounding import Backing, Problem, problems
from assistant.turn.plain_text import normalised
from assistant.turn.slips import mended
from booking.appointment import Change
from tests.unit.turn.corpus import LANGUAGES, NOTHING_DONE, ONE_STANDS, TODAY, rows


def _is(problem: str) -> Problem:
    return Problem(f"claims_{problem}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_are_large_enough_to_mean_something(language: str) -> None:
    claims = [row for row in rows(language) if row.is_claim]
    harmless = [row for row in rows(language) if row.is_harmless]
    assert len(claims) >= 150
    assert len(harmless) >= 150
    assert len(set(rows(language))) == len(rows(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_claim_of_the_tables_passes(language: str) -> None:
    passed = [
        row.sentence
        for row in rows(language)
        if row.is_claim and not problems(row.sentence, NOTHING_DONE)
    ]
    assert passed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_harmless_sentences_of_the_tables_pass(language: str) -> None:
    alarmed = [
        row.sentence
        for row in rows(language)
        if row.is_harmless
        and problems(row.sentence, ONE_STANDS if row.label == "own" else NOTHING_DONE)
    ]
    assert alarmed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_claims_of_the_right_kind_are_named(language: str) -> None:
    named = [row for row in rows(language) if row.is_claim]
    right = [row for row in named if _is(row.label) in problems(row.sentence, NOTHING_DONE)]
    assert len(right) >= 0.98 * len(named)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_true_of_a_row_is_a_claim_without_it(language: str) -> None:
    own = [row.sentence for row in rows(language) if row.label == "own"]
    assert len(own) >= 10
    assert [text for text in own if not problems(text, NOTHING_DONE)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_promise_behind_a_question_is_stopped_all_the_same(language: str) -> None:
    strict = [row.sentence for row in rows(language) if row.label == "strict"]
    assert strict
    assert all(problems(text, NOTHING_DONE) == [Problem.CLAIMS_BOOKING] for text in strict)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_need_not_be_known(language: str) -> None:
    for row in rows(language):
        if row.is_claim:
            assert problems(row.sentence, NOTHING_DONE, languages=(language,)), row


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("I've booked you in for Tuesday at 10:00.", Change.BOOKED),
        ("Вы записаны на вторник в 10:00.", Change.APPROVED),
        ("Ich habe Ihren Termin verschoben.", Change.MOVED),
        ("He cancelado tu cita.", Change.CANCELLED),
        ("Done!", Change.CANCELLED),
        ("You'll get a reminder the day before.", Change.BOOKED),
        ("I've sent your request to the salon; your request has been submitted.", Change.REQUESTED),
    ],
)
def test_what_the_ledger_holds_may_be_said(text: str, change: Change) -> None:
    backed = replace(NOTHING_DONE, changes=frozenset({change}))
    assert Problem.CLAIMS_BOOKING not in problems(text, backed)
    assert problems(text, NOTHING_DONE) != []
    assert not {Problem.CLAIMS_MOVE, Problem.CLAIMS_CANCEL} & set(problems(text, backed))


@pytest.mark.parametrize(
    ("text", "change", "problem"),
    [
        ("I've cancelled it.", Change.BOOKED, Problem.CLAIMS_CANCEL),
        ("You're booked for Tuesday.", Change.REQUESTED, Problem.CLAIMS_BOOKING),
        ("You're booked for Tuesday.", Change.HELD, Problem.CLAIMS_BOOKING),
        ("You're booked for Tuesday.", Change.CANCELLED, Problem.CLAIMS_BOOKING),
        ("Запись перенесена.", Change.BOOKED, Problem.CLAIMS_MOVE),
        ("Ich habe das Team informiert.", Change.BOOKED, Problem.CLAIMS_HANDOFF),
    ],
)
def test_one_change_doesnt_back_another(text: str, change: Change, problem: Problem) -> None:
    assert problem in problems(text, replace(NOTHING_DONE, changes=frozenset({change})))


def test_an_open_card_backs_a_hold_and_no_booking() -> None:
    shown = replace(NOTHING_DONE, proposal=True)
    assert problems("I've held the 10:00 slot for you.", shown) == []
    assert problems("I've booked the 10:00 slot for you.", shown) == [Problem.CLAIMS_BOOKING]
    assert problems("I'm booking it now.", shown) == [Problem.CLAIMS_BOOKING]


def test_a_hand_off_and_the_waiting_list_are_backed_by_name() -> None:
    assert problems("I've notified the manager.", replace(NOTHING_DONE, handed_off=True)) == []
    waiting = replace(NOTHING_DONE, waiting_list=True)
    assert problems("I've put you on the waiting list.", waiting) == []
    assert problems("I've put you on the waiting list.", NOTHING_DONE) == [Problem.CLAIMS_BOOKING]


@pytest.mark.parametrize(
    "text", ["I've updated your phone number.", "Ваш телефон обновлён.", "Su correo está cambiado."]
)
def test_saved_contact_data_is_backed_and_nothing_beside_it(text: str) -> None:
    saved = replace(NOTHING_DONE, saved=True)
    assert problems(text, NOTHING_DONE) != []
    assert problems(text, saved) == []
    assert problems("I've refunded the deposit.", saved) != []
    assert problems("I've booked you in.", saved) == [Problem.CLAIMS_BOOKING]


@pytest.mark.parametrize(
    "text",
    [
        "You are booked for Wednesday 25 November at 10:00.",
        "You are booked for Tuesday 24 November at 10:30.",
        "You are booked for Tuesday 24 November at 10:00 and Wednesday at 11:00.",
        "You are booked.",
        "See you on Friday!",
        "Вы записаны на среду в 10:00.",
        "Вы записаны на 25 ноября.",
        "Ihr Termin am Mittwoch um 10:00 Uhr ist bestätigt.",
        "Tu cita está confirmada para el miércoles a las 10:00.",
        "You're booked for tomorrow at 10:00.",
        "I've moved your appointment to Tuesday at 10:00.",
        "Your appointment on Tuesday at 10:00 has been cancelled.",
    ],
)
def test_a_standing_row_backs_only_its_own_date_and_time(text: str) -> None:
    assert problems(text, ONE_STANDS) != []


def test_a_row_backs_the_service_that_is_named() -> None:
    massage = ONE_STANDS.appointments[0].model_copy(
        update={
            "id": 13,
            "service_name": {"en": "Massage"},
            "starts_at": ONE_STANDS.appointments[0].starts_at.replace(hour=13),
            "ends_at": ONE_STANDS.appointments[0].ends_at.replace(hour=13),
        }
    )
    both = replace(ONE_STANDS, appointments=(*ONE_STANDS.appointments, massage))
    assert problems("Your massage is booked for Tuesday at 14:00.", both) == []
    assert problems("Your massage is booked for Tuesday at 10:00.", both) != []


@pytest.mark.parametrize(
    "text",
    [
        "Your appointment number 12 is confirmed.",
        "Your haircut with Anna is still on.",
        "Ihr Haarschnitt bei Anna ist gebucht.",
        "Am 24. sind Sie bei Anna gebucht.",
        "You've got a haircut on Tuesday at 10:00, and a massage at 11:00 would be possible.",
        "Nothing has changed: Tuesday, 10:00, Anna.",
    ],
)
def test_a_row_may_be_told_by_its_number_or_its_names(text: str) -> None:
    assert problems(text, ONE_STANDS) == []
    assert problems(text, NOTHING_DONE) != []
    other = replace(ONE_STANDS, said="book me in on Friday at 15:00 with Anna")
    assert problems("Your haircut with Anna is booked.", other) != []


@pytest.mark.parametrize(
    "text",
    [
        "Your appointment number 13 is confirmed.",
        "Shall I cancel your haircut on Tuesday at 11:00?",
        "Your haircut on Friday at 10:00 hasn't been moved.",
    ],
)
def test_a_question_or_a_no_takes_no_other_row_for_granted(text: str) -> None:
    assert problems(text, ONE_STANDS) == [Problem.CLAIMS_BOOKING]


def test_rows_are_told_in_their_own_zone() -> None:
    there = ONE_STANDS.appointments[0].model_copy(update={"zone": "America/New_York"})
    away = Backing(appointments=(there,), today=TODAY)
    assert problems("You're booked for Tuesday at 4:00 am.", away) == []
    assert problems("You're booked for Tuesday at 10:00.", away) != []


@pytest.mark.parametrize(
    "text",
    [
        "You're bo\u200boked for Tuesday at 10:00.",
        "You\u00adr are b\u00adooked. You’re booked!",
        "Yоu're bооkеd for Tuesday.",
        "**You're** __booked__ for *Tuesday*!",
        "You're bo**ok**ed.",
        "You are\nbooked\nfor Tuesday.",
        "You are\n\nbooked",
        "YOU'RE ALL SET!!!",
        "ＹＯＵ ＡＲＥ ＢＯＯＫＥＤ",
        "𝐘𝐨𝐮 𝐚𝐫𝐞 𝐛𝐨𝐨𝐤𝐞𝐝",
        "You are b o o k e d",
        "You are b00ked.",
        "<b>You are</b> <i>booked</i>.",
        "You 🎉 are 🎉 booked",
        "`You are booked`",
        "[You're booked](https://example.com/yes)",
        "You‘re booked",
        "youre booked",
        "- Booked!",
        "1. You're booked for Tuesday",
        "✅ 24\ufe0f\u20e3 November 1\ufe0f\u20e30\ufe0f\u20e3:0\ufe0f\u20e30\ufe0f\u20e3",
        "ВЫ ЗАПИСАНЫ",
        "Bы зaпиcaны нa втopник.",
        "**Вы** _записаны_",
        "IHR TERMIN IST GEBUCHT",
        "Ihr Termin ist bestaetigt.",
        "Tu cita esta confirmada",
        "Your αppointment is confirmed.",
        "You're\u00a0booked.",
        "\u202eYou're booked.\u202c",
    ],
)
def test_no_disguise_hides_a_claim(text: str) -> None:
    assert Problem.CLAIMS_BOOKING in problems(text, NOTHING_DONE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('You wrote "you are booked for Friday"; I can\'t find that appointment.', ""),
        ("About «вы записаны на пятницу»: такой записи нет.", "мне пишут: вы записаны на пятницу"),
        ('What do you mean by "I have cancelled it"?', "he said I have cancelled it"),
    ],
)
def test_the_customers_own_words_may_be_quoted(text: str, said: str) -> None:
    assert problems(text, replace(NOTHING_DONE, said=said)) == []


@pytest.mark.parametrize(
    "text",
    [
        "You're booked for Tuesday at 10 a.m. Anything else?",
        "Ihr Termin ist gebucht für den 24.11. Noch etwas?",
        "Вы записаны на 24 ноября. Что-нибудь ещё?",
        "Quedas apuntado para el 24 de noviembre. ¿Algo más?",
        "You're booked for Tuesday at 10:00! Shall I tell you the address?",
        "Would you like to know the address? You're booked.",
    ],
)
def test_a_question_in_another_sentence_excuses_nothing(text: str) -> None:
    assert Problem.CLAIMS_BOOKING in problems(text, NOTHING_DONE)


def test_quotation_marks_alone_hide_nothing() -> None:
    assert problems('Your status: "You are booked".', NOTHING_DONE) == [Problem.CLAIMS_BOOKING]


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("I couldn't book that time.", Change.BOOKED),
        ("Nothing has been booked yet.", Change.BOOKED),
        ("Sorry, something went wrong.", Change.BOOKED),
        ("Не удалось записать вас.", Change.BOOKED),
        ("Вы пока не записаны.", Change.BOOKED),
        ("Der Termin konnte nicht gebucht werden.", Change.BOOKED),
        ("No pude reservar esa hora.", Change.BOOKED),
        ("I couldn't move your appointment.", Change.MOVED),
        ("Не удалось перенести запись.", Change.MOVED),
        ("I wasn't able to cancel it.", Change.CANCELLED),
        ("No he podido cancelar la cita.", Change.CANCELLED),
    ],
)
def test_a_false_failure_is_as_bad(text: str, change: Change) -> None:
    held = replace(NOTHING_DONE, changes=frozenset({change}))
    assert problems(text, held) == [Problem.FALSE_FAILURE]
    assert problems(text, NOTHING_DONE) == []


def test_nothing_said_claims_nothing() -> None:
    for text in ("", " \n ", "?", "🎉", "…", "10", "—"):
        assert problems(text, Backing()) == []


def test_time_grows_with_length_only() -> None:
    # A quadratic search would need minutes for these; linear ones need well under a second each.
    for piece in (
        "I've ",
        "your appointment ",
        "(",
        "вы ",
        "0t ",
        "[",
        "<",
        "10:00 ",
        "Your 0t is booked 10:00 ",
        "it is not booked ",
        "at 11:15 ",
        "1",
    ):
        started = time.process_time()
        problems(piece * (20_000 // len(piece)), NOTHING_DONE)
        assert time.process_time() - started < 5, piece


@pytest.mark.parametrize(
    "text",
    [
        "You're boked for Tuesday.",
        "You're bokoed for Tuesday.",
        "Your appointment is confrimed.",
        "Ihr Termin ist gebuhct.",
        "Вы зпаисаны на вторник.",
        "Tu cita está confimrada.",
    ],
)
def test_a_slip_of_the_finger_hides_no_claim(text: str) -> None:
    assert problems(text, NOTHING_DONE) == [Problem.CLAIMS_BOOKING]


@pytest.mark.parametrize("word", ["looked", "cooked", "Leistung", "отметила", "wurde"])
def test_other_words_are_no_slips(word: str) -> None:
    folded = normalised(word)
    assert mended(folded) == folded


def test_a_time_that_was_only_asked_for_is_not_offered_as_free() -> None:
    asked = Backing(said="is Tuesday at 15:00 free?", today=TODAY)
    assert problems("Tuesday at 15:00 is free.", asked) == [Problem.UNLISTED_TIME]
    assert problems("You asked for Tuesday at 15:00. That time is taken.", asked) == []
    assert problems("I'll check whether Tuesday at 15:00 is free.", asked) == []


def test_a_change_backs_no_other_date_or_time() -> None:
    tuesday = (TODAY + dt.timedelta(days=3), dt.time(10))
    booked = Backing(changes=frozenset({Change.BOOKED}), changed=frozenset({tuesday}), today=TODAY)
    assert problems("You're booked for Tuesday at 10:00.", booked) == []
    for text in ("You're booked for Wednesday at 10:00.", "You're booked for Tuesday at 11:00."):
        assert Problem.CLAIMS_BOOKING in problems(text, booked)
