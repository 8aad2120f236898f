"""The template language of prompts: placeholders, a few filters and conditions, and no more.

What is possible is a closed list of Jinja's syntax. Nothing in it can be named, added up or
repeated, so a text grows with its source and the values alone; the two filters that could multiply
it are bounded. Admins write templates while customers are served: one that eats the memory, or
fails with some values only, must not come into force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from jinja2 import (
    Environment,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    nodes,
    pass_environment,
)
from jinja2.filters import do_truncate
from jinja2.sandbox import ImmutableSandboxedEnvironment

T = TypeVar("T")

# A hundred times what the shipped prompt comes to, and more than any model reads.
MAX_RENDERED = 400_000
# Deeper conditions and longer expressions end in the stack, here or in Python's compiler.
_TOO_DEEP = "a condition or expression is too deep or too long to be read; make it simpler"
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Keyword,
    nodes.List,
    nodes.Tuple,
)
# For the message; what has no name here is told as "other statements".
_NAMED: Mapping[type[nodes.Node], str] = {
    nodes.Getattr: "attributes",
    nodes.Getitem: "attributes",
    nodes.Call: "calls",
    nodes.CallBlock: "calls",
    nodes.Include: "includes",
    nodes.Import: "imports",
    nodes.FromImport: "imports",
    nodes.Extends: "inheritance",
    nodes.Block: "blocks",
    nodes.FilterBlock: "blocks",
    nodes.For: "loops",
    nodes.Macro: "macros",
    nodes.Assign: "values of your own ({% set %})",
    nodes.AssignBlock: "values of your own ({% set %})",
    nodes.With: "values of your own ({% with %})",
    nodes.Mul: "multiplications",
    nodes.Pow: "powers",
    nodes.Mod: "formats with %",
    nodes.Concat: "joining with ~ (write the parts side by side)",
    nodes.BinExpr: "arithmetic",
    nodes.UnaryExpr: "arithmetic",
}
_OTHERS = "other statements"


def _bounded(size: int) -> None:
    if size > MAX_RENDERED:
        raise TemplateRuntimeError(f"it would grow beyond {MAX_RENDERED} characters")


def _replace(value: object, old: object, new: object) -> str:
    text, before, after = str(value), str(old), str(new)
    _bounded(len(text) + text.count(before) * (len(after) - len(before)))
    return text.replace(before, after)


def _join(value: Any, separator: object = "") -> str:
    parts, between = [str(part) for part in value], str(separator)
    _bounded(sum(map(len, parts)) + len(parts) * len(between))
    return between.join(parts)


def _first(value: Any) -> Any:
    return value[0] if value else ""


def _last(value: Any) -> Any:
    return value[-1] if value else ""


@pass_environment
def _truncate(
    environment: Environment,
    value: object,
    length: int = 255,
    killwords: bool = False,
    end: str = "...",
    leeway: int = 5,
) -> str:
    # Jinja's own asserts that the end fits, which can depend on a value.
    at_least = max(length, len(end))
    return do_truncate(environment, str(value), at_least, killwords, end, max(leeway, 0))


_OWN: Mapping[str, Callable[..., Any]] = {
    "first": _first,
    "join": _join,
    "last": _last,
    "replace": _replace,
    "truncate": _truncate,
}
# What every filter of this list gives follows from its placeholder alone, and stays small. Jinja's
# others reach into objects (attr, map), change from call to call (random) or grow without bound
# (center, indent, format).
FILTERS = frozenset(
    "capitalize default first int join last length lower replace string title trim truncate upper"
    " wordcount".split()
)


class TemplateProblemError(ValueError):
    """A template can't be used.

    Args:
        message: what is wrong.
        line: counted from 1; None where it has none.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def read(source: str) -> nodes.Template:
    """Return a template's tree.

    Raises:
        TemplateProblemError: it is no template.
    """
    return _told(lambda: _environment().parse(source))


def nodes_of(tree: nodes.Template) -> Iterator[nodes.Node]:
    """Return all nodes in the order they're written, without the recursion of Jinja's own walk."""
    waiting: list[nodes.Node] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(list(node.iter_child_nodes()))


def compiled(source: str) -> Template:
    """Return a template that can be filled; its tree is to be looked at before.

    Raises:
        TemplateProblemError: it is no template.
    """
    return _told(lambda: _environment().from_string(source))


def fill(template: Template, values: Mapping[str, str]) -> str:
    """Return a template with its placeholders filled.

    Raises:
        TemplateProblemError: it can't be filled with these values, or grows beyond `MAX_RENDERED`.
    """

    def filled() -> str:
        parts, size = [], 0
        for part in template.generate(values):
            size += len(part)
            _bounded(size)
            parts.append(part)
        return "".join(parts)

    return _told(filled)


def forbidden(tree: nodes.Template) -> Iterator[TemplateProblemError]:
    """Find what isn't possible in a prompt; placeholders aren't looked at."""
    for node in nodes_of(tree):
        if what := _forbidden(node):
            yield TemplateProblemError(
                "only {{ placeholder }}, filters and {% if %} are possible here, no "
                f"{what}; remove it",
                node.lineno,
            )
        elif isinstance(node, nodes.CondExpr) and node.expr2 is None:
            said = "write what stands there otherwise: {{ a if b else c }}"
            yield TemplateProblemError(said, node.lineno)


def _forbidden(node: nodes.Node) -> str | None:
    """Return what a node is called, where it isn't possible."""
    if not isinstance(node, _ALLOWED):
        return next((name for kind, name in _NAMED.items() if isinstance(node, kind)), _OTHERS)
    if isinstance(node, nodes.List | nodes.Tuple):
        literal = all(isinstance(item, nodes.Const) for item in node.items)
        return None if literal else "lists of anything but literal values"
    if isinstance(node, nodes.Filter | nodes.Test) and (node.dyn_args or node.dyn_kwargs):
        return "lists of arguments"
    return None


def _told(work: Callable[[], T]) -> T:
    """Do something with a template, whose mistakes come out in many ways."""
    try:
        return work()
    except TemplateSyntaxError as error:
        raise TemplateProblemError(error.message or "no valid template", error.lineno) from None
    except (RecursionError, MemoryError, SyntaxError):  # the last two: Python's own compiler
        raise TemplateProblemError(_TOO_DEEP) from None
    except TemplateError as error:
        raise TemplateProblemError(str(error)) from None
    except (ValueError, TypeError, ArithmeticError, NameError) as error:
        raise TemplateProblemError(f"{error}; placeholders are texts") from None


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        # The result is plain text for the model; render.py escapes data where it enters.
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # `range`, `lipsum` and the like aren't placeholders; without them the list is closed.
    environment.globals.clear()
    environment.filters.update(_OWN)
    return environment
