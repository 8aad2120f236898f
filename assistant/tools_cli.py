"""`assistant tools`: what the model is offered, and a tool tried out as a customer."""

from __future__ import annotations

import sys
import uuid
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.command_line import (
    FAILURE,
    USAGE_ERROR,
    AsOption,
    BusinessOption,
    JsonOption,
    NowOption,
    as_json,
    on_business,
    settings_for,
    table,
    wrong_usage,
)

if TYPE_CHECKING:
    from booking.business import Business
    from db.store import Store
    from tools.support.contract import Outcome, Tool

    Answer = tuple[Outcome, Business]  # what was answered, and whose zone its times are told in


class Api(StrEnum):
    """The model's endpoints."""

    RESPONSES = "responses"
    CHAT = "chat"


tools_app = typer.Typer(help="The tools that the model is offered.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(tools_app, name="tools")


@tools_app.command("list")
def list_tools(machine: JsonOption = False) -> None:
    """List the tools: name, effect, whether a card asks first, whose chats have it."""
    from tools.support.registry import discover

    found = list(discover().values())
    if machine:
        print(as_json([_facts(tool) for tool in found]))
        return
    rows = [
        (
            tool.name,
            tool.effect.value,
            "yes" if tool.confirm else "no",
            tool.audience.value,
            tool.description.split(". ")[0].rstrip("."),
        )
        for tool in found
    ]
    print(table(("NAME", "EFFECT", "CONFIRM", "AUDIENCE", "DESCRIPTION"), rows))


def _facts(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "effect": tool.effect.value,
        "confirm": tool.confirm,
        "audience": tool.audience.value,
        "max_per_turn": tool.max_per_turn,
        "timeout_seconds": tool.timeout_seconds,
        "description": tool.description,
    }


@tools_app.command("new")
def new_tool(
    name: Annotated[str, typer.Argument(help="What the model calls it: a verb and its object.")],
    write: Annotated[bool, typer.Option("--write", help="It changes something.")] = False,
) -> None:
    """Write a new tool and its test, ready to be changed. See docs/tools.md."""
    from assistant import scaffold

    try:
        tool, test = scaffold.new_tool(name, write=write)
    except scaffold.ScaffoldError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(USAGE_ERROR) from None
    print(f"Written: {tool} and {test}. Try it: python -m pytest {test}")


@tools_app.command("schema")
def schema(
    name: Annotated[str | None, typer.Argument(help="One tool; default: all, as sent.")] = None,
    api: Annotated[Api, typer.Option(help="The endpoint, as OPENAI_API names it.")] = Api.RESPONSES,
) -> None:
    """Print the JSON of the tools as it is sent to the model; no database is needed."""
    from assistant.model.port import ToolSpec
    from assistant.model.tool_json import chat_tool, responses_tool
    from tools.support.contract import Audience
    from tools.support.registry import discover

    registry = discover()
    if name is not None and name not in registry:
        wrong_usage(f"There is no tool {name!r}; there are: {', '.join(registry)}.")
    chosen = registry.offered_to(Audience.CUSTOMER) if name is None else [registry[name]]
    shape = chat_tool if api is Api.CHAT else responses_tool
    sent = [shape(ToolSpec(t.name, t.description, t.parameters)) for t in chosen]
    print(as_json(sent if name is None else sent[0]))


@tools_app.command("call")
def call(
    name: Annotated[str, typer.Argument(help="The tool; see: assistant tools list")],
    arguments: Annotated[str, typer.Argument(metavar="JSON", help="Its arguments; - = stdin.")],
    telegram_id: AsOption,
    business: BusinessOption = None,
    now: NowOption = None,
    message: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Names the message: its repeat has no second effect. Default: a new one.",
        ),
    ] = None,
) -> None:
    """Run a tool as that customer and print what the model would read.

    Exits with 0 also where the answer is a refusal, with 2 where the arguments can't be used, and
    with 1 where the database is away. The customer is created if new; receipts are shown by
    `assistant chat --as TELEGRAM_ID`, nothing is sent to Telegram.
    """
    from assistant.tool_calls import Call, call_tool
    from tools.support.registry import discover

    raw = sys.stdin.read() if arguments == "-" else arguments
    settings = settings_for(assistant_now=now)
    wanted = Call(name, raw, message or uuid.uuid4().hex)
    admin = telegram_id in settings.assistant_admin_ids

    async def work(store: Store, chosen: Business) -> Answer:
        answer = await call_tool(store, chosen, discover(), telegram_id, wanted, admin=admin)
        return answer, chosen

    _tell(on_business(business, None, work, settings=settings))


@tools_app.command("confirm")
def confirm(telegram_id: AsOption, business: BusinessOption = None, now: NowOption = None) -> None:
    """Say yes to the card that is open: what the customer's tap does."""
    from assistant.tool_calls import confirm_card

    async def work(store: Store, chosen: Business) -> Answer:
        return await confirm_card(store, chosen, telegram_id), chosen

    _tell(on_business(business, now, work))


@tools_app.command("decline")
def decline(telegram_id: AsOption, business: BusinessOption = None, now: NowOption = None) -> None:
    """Say no to the card that is open; its held time is given back."""
    from assistant.tool_calls import decline_card

    async def work(store: Store, chosen: Business) -> Answer:
        return await decline_card(store, chosen, telegram_id), chosen

    _tell(on_business(business, now, work))


def _tell(answer: Answer) -> None:
    """Print an outcome as the model reads it, and exit with the code that it stands for."""
    from booking.refusals import Refusal, RefusalCode
    from tools.support.contract import ArgumentProblem, render

    outcome, business = answer
    print(render(outcome, business))
    if isinstance(outcome, ArgumentProblem):
        raise typer.Exit(USAGE_ERROR)
    if isinstance(outcome, Refusal) and outcome.code is RefusalCode.TEMPORARILY_UNAVAILABLE:
        raise typer.Exit(FAILURE)
