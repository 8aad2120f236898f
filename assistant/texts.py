"""The words the system says, per language, read from the files that admins edit.

Every text that isn't the model's own comes from here. The catalogue below is closed: a file that
lacks a text, or uses a placeholder the code doesn't fill, is refused at load and never half-used.
"""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import yaml
from babel import Locale, UnknownLocaleError

from assistant.prompts.yaml_files import Lines, read_yaml

BASE_LANGUAGE = "en"
# The value that picks the plural form of a text.
COUNT = "count"

_TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")


def _catalogue(plain: str, **with_values: str) -> Mapping[str, frozenset[str]]:
    entries = {key: frozenset[str]() for key in plain.split()}
    entries |= {key: frozenset(values.split()) for key, values in with_values.items()}
    return MappingProxyType(dict(sorted(entries.items())))


# Key -> the placeholders its text must have, in every language. A text with `count` may be given
# in plural forms.
CATALOGUE: Mapping[str, frozenset[str]] = _catalogue(
    """
    menu_book menu_appointments menu_services menu_help help services_title no_services
    ask_service ask_staff staff_anyone ask_day ask_new_day ask_slot today tomorrow
    page_earlier page_later
    button_confirm button_other_times button_other_day button_back button_cancel_appointment
    button_move button_keep button_yes_cancel button_approve button_decline button_no_thanks
    button_wait button_wait_earlier button_move_there button_book_as_well wait_left wait_title
    waitlist_moves waitlist_has waitlist_which_moves waitlist_move_or_add
    button_calendar button_map button_my_data button_forget button_forget_yes privacy my_data
    forget_card forget_expected forget_noted calendar_file calendar_changed calendar_cancelled
    card_book card_move card_move_pending card_cancel
    receipt_held receipt_booked receipt_requested receipt_moved receipt_moved_pending
    receipt_cancelled receipt_released receipt_approved receipt_expired receipt_completed
    receipt_no_show
    list_title list_empty status_held status_pending status_cancelled status_declined
    status_expired status_completed status_no_show choose_to_cancel choose_to_move
    stale_button unknown_button nothing_to_confirm card_again nothing_changed past_time
    next_wish_kept next_wish_now one_at_a_time not_understood
    please_write please_write_or_speak voice_not_understood voice_unavailable contact_not_saved
    emoji_only too_many_messages model_away unbacked_claim nothing_done cap_reached
    temporarily_unavailable
    unchanged_unavailable internal_error
    refusal_slot_taken refusal_outside_hours refusal_not_on_grid refusal_too_soon refusal_too_far
    refusal_past refusal_limit_unknown refusal_window_unknown refusal_contact_unknown
    refusal_invalid_transition refusal_idempotency_conflict
    refusal_nonexistent_local_time refusal_nonexistent_candidates
    refusal_ambiguous_local_time refusal_ambiguous_candidates refusal_hold_expired
    refusal_offer_changed refusal_offer_changed_price refusal_offer_changed_service
    refusal_offer_changed_staff refusal_offer_changed_slot
    refusal_not_found refusal_not_found_service refusal_not_found_staff
    refusal_not_found_appointment refusal_not_found_slot
    refusal_capacity_exceeded refusal_alternatives lead_none ask_seats seats_one_each
    reminder reminder_pending owner_booked owner_requested owner_moved owner_cancelled
    owner_expired owner_approved owner_declined owner_settled you_are_welcome
    waitlist_offer waitlist_passed button_stop_broadcasts button_take_broadcasts
    closed hours_title hours_exceptions take_your_time only_appointments
    when_morning when_afternoon when_evening when_night when_tarde
    owner_unreachable owner_unreachable_untold owner_unreachable_stay
    unanswered_title unanswered_none unanswered_not_reached button_unanswered button_book_again
    agenda_empty agenda_tells agenda_told agenda_cannot_tell button_agenda button_came
    button_missed button_off button_off_take button_off_and_cancel off_title off_none off_nobody
    off_everybody off_card off_nothing_affected
    terminal_hint terminal_goodbye command_start command_my command_cancel command_help
    command_privacy command_day command_off command_unanswered command_done
    button_bot button_give_back command_human hand_off_medical hand_off_unclear hand_off_nobody
    hand_off_back hand_off_unreached hand_off_assistant hand_off_owner_upcoming
    hand_off_owner_none_upcoming hand_off_owner_how hand_off_owner_transcript hand_off_owner_gone
    hand_off_owner_edited
    hand_off_owner_text_only hand_off_owner_reply hand_off_owner_none hand_off_owner_over
    prompt_title prompt_source_files prompt_help
    """,
    greeting="business",
    ask_time="date",
    no_times_on_day="date",
    no_times_ahead="count",
    card_hold_until="time",
    card_hold_until_day="when",
    card_needs_approval="business",
    card_move_from="when",
    card_move_to="when",
    line_service="service duration",
    line_staff="staff",
    line_price="price",
    line_seats="count",
    line_price_each="price",
    seats_too_many="count",
    line_address="address",
    line_contact="contact",
    line_zone="zone",
    line_number="number",
    line_was="when",
    line_reason="reason",
    line_customer="customer",
    receipt_requested_until="business when",
    receipt_requested_wait="business",
    receipt_cancelled_by_owner="business",
    receipt_declined="business",
    broadcasts_stopped="business",
    broadcasts_taken="business",
    list_item="when service number",
    list_item_staff="when service staff number",
    date_not_understood="example",
    no_such_date="said",
    date_mismatch="date",
    nothing_then="when",
    question_unknown="contact",
    when_from_day="date",
    when_around="time",
    when_after="time",
    when_before="time",
    date_ambiguous="first second",
    too_long="count",
    refusal_earliest="when",
    refusal_latest="date",
    refusal_limit="count",
    refusal_limit_day="count",
    refusal_limit_week="count",
    refusal_limit_waitlist="count",
    refusal_window="lead",
    refusal_contact="contact",
    refusal_choices="choices",
    lead_minutes="count",
    lead_hours="count",
    lead_days="count",
    owner_decide_by="when",
    voice_heard="text",
    voice_too_long="count",
    contact_saved="phone",
    hand_off_asked="business",
    hand_off_with_a_person="business",
    hand_off_person="business name",
    hand_off_silence="business",
    hand_off_owner_asked="customer",
    hand_off_owner_unclear="customer",
    hand_off_owner_medical="customer",
    hand_off_owner_abuse="customer",
    hand_off_owner_attached="customer",
    hand_off_owner_taken="customer owner",
    hand_off_owner_yours="customer",
    hand_off_owner_passed="customer",
    hand_off_owner_anothers="owner",
    hand_off_owner_which="customer",
    hand_off_owner_back="customer",
    hand_off_owner_back_by="customer owner",
    hand_off_owner_back_customer="customer",
    hand_off_owner_back_silence="customer",
    reminder_confirmed="when",
    line_status="status",
    wait_joined="what",
    wait_joined_moving="what",
    wait_moving="what when",
    button_move_this="when",
    off_how="everybody one",
    off_affected="count",
    off_who="date",
    off_taken="when who",
    off_ended="block",
    unanswered_item="when service customer number",
    review_request="business",
    review_link="url",
    update_set_aside="reason",
    terminal_number_unknown="number",
    prompt_line="name version source size tokens",
    prompt_line_draft="name version author when",
    prompt_source_published="author when",
    prompt_which="example",
    prompt_no_text="example",
    prompt_file_which="example",
    prompt_file_unreadable="name",
    prompt_no_draft="name example",
    prompt_saved="name version tokens",
    prompt_fine="name version tokens",
    prompt_problems="name",
    prompt_unchanged="name",
    prompt_published="name version example",
    prompt_rolled_back="name source",
    prompt_files_in_force="name",
    prompt_draft_gone="name",
    prompt_anothers_draft="name version author when diff publish",
    prompt_draft_replaced="author when",
    prompt_folder_broken="edition",
    prompt_version_broken="version",
)

# A text, or its plural forms by CLDR category.
Phrase = str | Mapping[str, str]


class TextsError(ValueError):
    """The phrase files can't be used; the message lists every problem, one a line."""


class Texts:
    """Every system text in every language of a folder. Make one with `Texts.load`."""

    def __init__(self, phrases: Mapping[str, Mapping[str, Phrase]]) -> None:
        """Check and keep the phrases.

        Args:
            phrases: language code (ISO 639-1) -> key -> text or plural forms.

        Raises:
            TextsError: a text or a placeholder is missing or unknown; names key and language.
        """
        problems: list[str] = []
        if BASE_LANGUAGE not in phrases:
            problems.append(f"{BASE_LANGUAGE}: the language is missing; all others fall back to it")
        for language, entries in sorted(phrases.items()):
            problems.extend(
                f"{language}: {key}: {problem}" if key else f"{language}: {problem}"
                for key, problem in phrase_problems(language, entries)
            )
        if problems:
            raise TextsError("\n".join(problems))
        self._phrases = {language: dict(entries) for language, entries in phrases.items()}

    @classmethod
    def load(cls, folder: Path) -> Texts:
        """Read `<language>.yaml` files.

        Args:
            folder: holds one file per language, named by its ISO 639-1 code; English is a must.

        Raises:
            TextsError: a file isn't a YAML mapping, or as in the constructor.
        """
        phrases = {path.stem: _read(path) for path in sorted(folder.glob("*.yaml"))}
        if not phrases:
            raise TextsError(f"{folder}: no <language>.yaml files here")
        return cls(phrases)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are texts in, English first, then by code."""
        rest = sorted(language for language in self._phrases if language != BASE_LANGUAGE)
        return (BASE_LANGUAGE, *rest)

    def resolve(self, language: str | None) -> str:
        """Return the language whose texts serve `language`: itself, its base, else English."""
        if not language:
            return BASE_LANGUAGE
        base = language.replace("_", "-").split("-")[0].lower()
        return base if base in self._phrases else BASE_LANGUAGE

    def say(self, key: str, language: str | None, /, **values: object) -> str:
        """Return one text with its placeholders filled.

        Args:
            key: a key of `CATALOGUE`.
            language: any language code ("ru", "ru-RU"); an unknown one gets English.
            values: exactly the placeholders of that key; `count` is an int and picks the plural
                form. Values are put in as they are, braces in them mean nothing.

        Raises:
            KeyError: no such key.
            TypeError: a value is missing or too many.
        """
        expected = CATALOGUE.get(key)
        if expected is None:
            near = difflib.get_close_matches(key, CATALOGUE, n=3)
            raise KeyError(f"no text named {key!r}; near: {', '.join(near) or 'none'}")
        if values.keys() != expected:
            raise TypeError(f"{key} takes {sorted(expected)}, not {sorted(values)}")
        language = self.resolve(language)
        phrase = self._phrases[language][key]
        if not isinstance(phrase, str):
            count = values[COUNT]
            if not isinstance(count, int):
                raise TypeError(f"{key}: {COUNT} must be an int, not {count!r}")
            phrase = phrase.get(_locale(language).plural_form(count), phrase["other"])
        # A value may end in a full stop of its own ("30 декабря 2026 г.").
        return _TWO_STOPS.sub(".", phrase.format_map(values))


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def phrase_problems(language: str, entries: Mapping[str, Phrase]) -> list[tuple[str, str]]:
    """Return what is wrong with one language's phrases.

    Args:
        language: the file's name, an ISO 639-1 code.
        entries: key -> text or plural forms.

    Returns:
        Key and problem of each mistake; the key is empty where the file as a whole is meant.
    """
    try:
        locale = _locale(language)
    except (UnknownLocaleError, ValueError):
        return [("", "not a language code; name the file like en.yaml")]
    if locale.language != language:
        return [("", f"name the file {locale.language}.yaml: regions share their language's texts")]
    plural_form = locale.plural_form
    problems = [(key, "the text is missing") for key in CATALOGUE if key not in entries]
    # What whole numbers need; "other" serves the rest. Spanish "many" (a million) may be left out.
    needed = {plural_form(number) for number in range(200)} | {"other"}
    allowed = set(plural_form.tags) | {"other"}
    for key, phrase in entries.items():
        expected = CATALOGUE.get(key)
        if expected is None:
            near = difflib.get_close_matches(str(key), CATALOGUE, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            problems.append((str(key), f"no such text is used{hint}"))
            continue
        if isinstance(phrase, str):
            problems.extend((key, p) for p in _check_text(phrase, expected, expected))
            continue
        if not isinstance(phrase, Mapping):
            problems.append((key, f"must be a text, not {phrase!r}; put it in quotes"))
            continue
        if COUNT not in expected:
            problems.append((key, f"has no {{{COUNT}}}, so it can't have plural forms"))
            continue
        if missing := sorted(needed - phrase.keys()):
            problems.append((key, f"plural forms missing: {', '.join(missing)}"))
        if unknown := sorted(str(form) for form in phrase.keys() - allowed):
            said = f"unknown plural forms {', '.join(unknown)}"
            problems.append((key, f"{said}; {language} has {', '.join(sorted(allowed))}"))
        for form, text in phrase.items():
            if not isinstance(text, str):
                said = f"must be a text, not {text!r}; put it in quotes"
                problems.append((f"{key} ({form})", said))
                continue
            # A single form may do without the number ("in the next day").
            must = expected if form == "other" else expected - {COUNT}
            problems.extend((f"{key} ({form})", p) for p in _check_text(text, must, expected))
    return problems


def _check_text(text: str, must: frozenset[str], may: frozenset[str]) -> list[str]:
    if not text.strip():
        return ["the text is empty"]
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        return [f"{error}; write {{{{ and }}}} for braces themselves"]
    found: set[str] = set()
    for _, name, spec, conversion in fields:
        if name is None:
            continue
        # Only plain names: "{a.b}", "{a!r}" and "{a:>5}" would reach into the values.
        if not name.isidentifier() or spec or conversion:
            return [f"a placeholder is a plain name like {{business}}, not {{{name}...}}"]
        found.add(name)
    problems = [f"the placeholder {{{name}}} is missing" for name in sorted(must - found)]
    known = ", ".join(f"{{{name}}}" for name in sorted(may)) or "none"
    problems += [f"unknown placeholder {{{n}}}; allowed: {known}" for n in sorted(found - may)]
    return problems


def _read(path: Path) -> dict[str, Phrase]:
    try:
        return parse_phrases(path.read_text(encoding="utf-8"))[0]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TextsError(f"{path.name}: not valid YAML: {error}") from error
    except TextsError as error:
        raise TextsError(f"{path.name}: {error}") from None


def parse_phrases(source: str) -> tuple[dict[str, Phrase], Lines]:
    """Read the text of a phrase file; where each key stands comes with it.

    Raises:
        yaml.YAMLError: not YAML.
        TextsError: no mapping.
    """
    data, lines = read_yaml(source)
    if not isinstance(data, dict):
        raise TextsError("must be a mapping of keys to texts")
    return {str(key): _stripped(phrase) for key, phrase in data.items()}, lines


def _stripped(phrase: Phrase) -> Phrase:
    if isinstance(phrase, str):
        return phrase.strip()
    if isinstance(phrase, Mapping):
        return {
            form: text.strip() if isinstance(text, str) else text for form, text in phrase.items()
        }
    return phrase
