"""What a tool is refused for at import: each rule says where, what is wrong and what to change.

docs/tools.md shows the same table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


class ToolContractError(TypeError):
    """A tool breaks the contract. The message says where and what to change."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the contract.

    Args:
        problem: what is wrong; values in braces are filled in.
        fix: what to change.
    """

    problem: str
    fix: str


_CHECK_IT = "say the limit in the description and check it in the tool (`ArgumentProblem`)"
_NAME_THEM = "name the fields; the model can't invent keys"

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        # --- the function
        "signature": Rule(
            "a tool is an async function of two arguments", "write `async def {name}(ctx, args)`"
        ),
        "arguments": Rule(
            "`args` isn't annotated with its model",
            "annotate it with a subclass of `tools.support.contract.ToolArgs` that is defined at"
            " the top of the module",
        ),
        "hints": Rule(
            "the annotation {hint} isn't known at import",
            "import it at the top of the module, not under `if TYPE_CHECKING`",
        ),
        "name": Rule(
            "the model knows the tool by its function's name, and that isn't a valid one",
            "use small letters, digits and underscores, at most 64, a letter first",
        ),
        "description": Rule(
            "there is no docstring, and the model reads its first paragraph",
            "write in one line what the tool does",
        ),
        "twice": Rule("two tools have this name: {first} and {second}", "rename one of them"),
        # --- its arguments
        "union": Rule("the arguments must be one object", "use one model with fields, no union"),
        "oneOf": Rule("`oneOf` is not allowed", "write `X | Y`, which becomes anyOf"),
        "allOf": Rule("`allOf` is not allowed", "write the fields into one model"),
        "not": Rule("`not` is not allowed", _CHECK_IT),
        "default": Rule(
            "`default` is not allowed", "write `X | None` without a default and treat None as it"
        ),
        "minLength": Rule("`minLength` is not allowed", _CHECK_IT),
        "maxLength": Rule("`maxLength` is not allowed", _CHECK_IT),
        "patternProperties": Rule("`patternProperties` is not allowed", _NAME_THEM),
        "propertyNames": Rule("`propertyNames` is not allowed", _NAME_THEM),
        "uniqueItems": Rule("`uniqueItems` is not allowed", "take a list and drop doubles"),
        "if": Rule("`if` is not allowed", "make two tools of it"),
        "dependentRequired": Rule("`dependentRequired` is not allowed", "make two tools of it"),
        "dependentSchemas": Rule("`dependentSchemas` is not allowed", "make two tools of it"),
        "keyword": Rule(
            "`{keyword}` isn't in OpenAI's strict subset",
            "use a plain type, and check the rest in the tool (`ArgumentProblem`)",
        ),
        "untyped": Rule(
            "strict mode needs to know the type",
            "annotate it with str, int, float, bool, a Literal, a model, or a list of one of them",
        ),
        "format": Rule(
            "the format {format} is not allowed", "write `str` and check it in the tool"
        ),
        "pattern": Rule(
            "look-around is not allowed in a pattern",
            "write a simpler one, or check it in the tool",
        ),
        "siblings": Rule(
            "a field whose type is a model can't have a description of its own",
            "move it to the model's docstring and drop `Field(description=...)`",
        ),
        "extra": Rule(
            "unknown fields must be refused",
            'derive the model from `ToolArgs` (or set `extra="forbid"`); for a dict, name the'
            " fields of a model",
        ),
        "optional": Rule(
            "every field is required: strict mode knows no optional ones",
            "write `X | None` without a default; the model then sends null",
        ),
        "identity": Rule(
            "identity can't be an argument: it comes from the chat",
            "drop the field and use `ctx.customer`",
        ),
        "described": Rule(
            "the field has no description, and the model guesses what to send",
            "write `Field(description=...)`, or a docstring where its type is a model",
        ),
        # --- its file
        "module": Rule(
            "the file can't be imported: {error}", "mend it, or take it out of the folder"
        ),
        # --- tools from other packages
        "entry_import": Rule(
            "its module can't be imported: {error}",
            "correct the package, or uninstall it: pip uninstall {package}",
        ),
        "entry_no_module": Rule(
            "the entry point names no module", "write `{entry} = package.module`, without a colon"
        ),
        "entry_empty": Rule(
            "the module defines no tool",
            "put the tool's function itself there: one that is only imported doesn't count",
        ),
    }
)


def offence(rule: str, where: str, **values: object) -> ToolContractError:
    """Return the error for a broken rule.

    Args:
        rule: a key of `RULES`.
        where: file and line, tool and path of the offence, as far as known.
        values: for the braces in the rule's texts.
    """
    broken = RULES[rule]
    problem, fix = broken.problem.format(**values), broken.fix.format(**values)
    return ToolContractError(f"{where}: {problem}; to correct it, {fix}")


def together(found: Sequence[ToolContractError]) -> ToolContractError:
    """Return one error for all that was found wrong with a tool, one line each."""
    return ToolContractError("\n".join(str(error) for error in found))
