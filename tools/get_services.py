"""Services with their prices, durations and who gives them."""

from __future__ import annotations

from pydantic import BaseModel

from tools.support.context import ToolContext
from tools.support.contract import Effect, ToolArgs, ToolResult, tool
from tools.support.say import price


class Args(ToolArgs):
    """No arguments."""


class ServiceFacts(BaseModel):
    """One service."""

    service: str
    name: str
    minutes: int
    price: str | None
    staff: list[str]
    needs_approval: bool | None = None


class Services(ToolResult):
    """What can be booked."""

    services: list[ServiceFacts]


@tool(effect=Effect.READ)
async def get_services(ctx: ToolContext, args: Args) -> Services:
    """List the services with names, durations, prices and staff."""
    return Services(
        services=[
            ServiceFacts(
                service=service.slug,
                name=service.name.get(ctx.language),
                minutes=service.duration_minutes,
                price=price(service.price_minor, service.currency),
                staff=[member.slug for member in ctx.business.staff_of(service)],
                needs_approval=service.approval_required or None,
            )
            for service in ctx.business.services
            if service.active
        ]
    )
