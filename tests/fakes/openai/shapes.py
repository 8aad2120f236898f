"""Checks a JSON value against the installed SDK's own request types.

The SDK's `TypedDict`s are generated from OpenAI's specification, so field names, types and
enumerations stay as current as the locked SDK. At run time they check nothing; this does.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping
from collections.abc import Iterable as AbstractIterable
from collections.abc import Sequence as AbstractSequence
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_type_hints,
)
from typing import get_origin as typing_origin

# The SDK's classes come from typing_extensions, which typing's own check doesn't recognise.
from typing_extensions import is_typeddict

from .errors import ApiError, invalid_type, invalid_value, missing_parameter, unknown_parameter

#: A TypedDict, Union, Literal or the like: what `typing` has no name for.
Form = Any
Picker = Callable[[str, Mapping[str, object]], Form | None]

#: Fields the SDK's types require but the service fills in when they are left out.
_OPTIONAL_ON_THE_WIRE = {
    "FunctionToolParam": {"strict"},
    "ResponseOutputMessageParam": {"id", "status"},
    "ResponseOutputTextParam": {"annotations"},
}
#: The reverse: left optional by the SDK's types, refused by the service when missing.
_REQUIRED_ON_THE_WIRE = {"FunctionCallOutput": {"call_id"}}
#: Fields of answers that the service takes back unread when a client returns the message whole.
_IGNORED_ON_THE_WIRE = {"ChatCompletionAssistantMessageParam": ("annotations",)}


@functools.cache
def fields_of(form: Form) -> dict[str, tuple[Form, bool]]:
    """Fields of a TypedDict: name -> (type, required)."""
    required: frozenset[str] = form.__required_keys__
    relaxed = _OPTIONAL_ON_THE_WIRE.get(form.__name__, set())
    enforced = _REQUIRED_ON_THE_WIRE.get(form.__name__, set())
    found: dict[str, tuple[Form, bool]] = {}
    for name, hint in get_type_hints(form, include_extras=True).items():
        # The SDK postpones annotations, so `Required` hides in strings that Python 3.11's
        # `__required_keys__` can't see: the resolved hint decides.
        needed = name in required
        bare = hint
        while get_origin(bare) in (Annotated, Required, NotRequired):
            if get_origin(bare) is Required:
                needed = True
            elif get_origin(bare) is NotRequired:
                needed = False
            bare = get_args(bare)[0]
        found[name] = (bare, (needed or name in enforced) and name not in relaxed)
    for name in _IGNORED_ON_THE_WIRE.get(form.__name__, ()):
        found[name] = (object, False)
    return found


def get_origin(form: Form) -> Form:
    """`typing.get_origin`, untyped: its declared type excludes what it returns for unions."""
    return typing_origin(form)


def describe(value: object) -> str:
    """JSON type of a value with its article, as OpenAI words it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a decimal number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, list):
        return "an array"
    return "an object"


def check(form: Form, value: object, path: str, pick: Picker | None = None) -> None:
    """Raise `ApiError` unless the value has the form.

    Args:
        form: a type as the SDK writes it.
        value: parsed JSON.
        path: where the value stands, for instance `input[2].content`.
        pick: may name the branch of a union for an object at a path, where the
            discriminators alone don't decide.
    """
    if form is Any or form is object:
        return
    origin = get_origin(form)
    if origin in (Annotated, Required, NotRequired):
        check(get_args(form)[0], value, path, pick)
    elif origin is Union or origin is types.UnionType:
        _check_union(form, value, path, pick)
    elif origin is Literal:
        allowed = get_args(form)
        if value not in allowed or isinstance(value, bool) != isinstance(allowed[0], bool):
            if isinstance(value, str) and isinstance(allowed[0], str):
                raise invalid_value(path, value, allowed)
            raise invalid_type(path, _expected(form), describe(value))
    elif is_typeddict(form):
        _check_fields(form, value, path, pick)
    elif origin in (list, AbstractIterable, AbstractSequence):
        if not isinstance(value, list):
            raise invalid_type(path, "an array", describe(value))
        for index, item in enumerate(value):
            check(get_args(form)[0], item, f"{path}[{index}]", pick)
    elif origin is dict:
        if not isinstance(value, dict):
            raise invalid_type(path, "an object", describe(value))
        for key, item in value.items():
            check(get_args(form)[1], item, f"{path}.{key}", pick)
    elif not _is_scalar(form, value):
        raise invalid_type(path, _expected(form), describe(value))


def _is_scalar(form: Form, value: object) -> bool:
    if form is type(None):
        return value is None
    if isinstance(value, bool):
        return form is bool
    if form is float:
        return isinstance(value, int | float)
    return form in (str, int, bool) and isinstance(value, form)


def _check_fields(form: Form, value: object, path: str, pick: Picker | None) -> None:
    if not isinstance(value, dict):
        raise invalid_type(path, "an object", describe(value))
    known = fields_of(form)
    prefix = f"{path}." if path else ""
    for name in value:
        if name not in known:
            raise unknown_parameter(f"{prefix}{name}")
    for name, (hint, required) in known.items():
        if name in value:
            check(hint, value[name], f"{prefix}{name}", pick)
        elif required:
            raise missing_parameter(f"{prefix}{name}")


def _check_union(form: Form, value: object, path: str, pick: Picker | None) -> None:
    branches = _flatten(form)
    if isinstance(value, dict):
        chosen = pick(path, value) if pick else None
        if chosen is not None:
            check(chosen, value, path, pick)
            return
        shapes = [branch for branch in branches if is_typeddict(branch)]
        if shapes:
            check(_by_tag(shapes, value, path), value, path, pick)
            return
    if isinstance(value, list):
        arrays = [branch for branch in branches if _is_array(branch)]
        if arrays:
            check(arrays[0], value, path, pick)
            return
    literals = [
        item
        for branch in branches
        if get_origin(branch) is Literal
        for item in get_args(branch)
        if isinstance(item, str)
    ]
    if isinstance(value, str) and literals and str not in branches:
        if value not in literals:
            raise invalid_value(path, value, literals)
        return
    for branch in branches:
        try:
            check(branch, value, path, pick)
        except ApiError:
            continue
        return
    raise invalid_type(path, _expected(form), describe(value))


def _by_tag(shapes: list[Form], value: Mapping[str, object], path: str) -> Form:
    """Choose the branch whose literal `type`, `role` or `mode` fields fit the object."""
    for tag in ("type", "role"):
        tagged = [(shape, _tag_values(shape, tag)) for shape in shapes]
        allowed = sorted({item for _, values in tagged for item in values})
        if not allowed:
            continue
        given = value.get(tag)
        if tag not in value:
            if all(values and fields_of(shape)[tag][1] for shape, values in tagged):
                raise missing_parameter(f"{path}.{tag}")
            shapes = [
                shape for shape, values in tagged if not values or not fields_of(shape)[tag][1]
            ]
        elif given not in allowed:
            raise invalid_value(f"{path}.{tag}", given, allowed)
        else:
            shapes = [shape for shape, values in tagged if given in values]
    return shapes[0]


def _tag_values(shape: Form, tag: str) -> tuple[str, ...]:
    hint = fields_of(shape).get(tag, (None, False))[0]
    return get_args(hint) if get_origin(hint) is Literal else ()


def _flatten(form: Form) -> list[Form]:
    if get_origin(form) in (Union, types.UnionType):
        return [leaf for branch in get_args(form) for leaf in _flatten(branch)]
    if get_origin(form) is Annotated:
        return _flatten(get_args(form)[0])
    return [form]


def _is_array(form: Form) -> bool:
    return get_origin(form) in (list, AbstractIterable, AbstractSequence)


def _expected(form: Form) -> str:
    words: list[str] = []
    for leaf in _flatten(form):
        word = _noun(leaf)
        if word and word not in words:
            words.append(word)
    return words[0] if len(words) == 1 else f"one of {', '.join(words[:-1])} or {words[-1]}"


def _noun(leaf: Form) -> str:
    if leaf is type(None):
        return "null"
    if is_typeddict(leaf) or get_origin(leaf) is dict:
        return "an object"
    if _is_array(leaf):
        return "an array"
    names = {str: "a string", int: "an integer", float: "a decimal number", bool: "a boolean"}
    if get_origin(leaf) is Literal:
        return names[type(get_args(leaf)[0])]
    return names.get(leaf, "a value")
