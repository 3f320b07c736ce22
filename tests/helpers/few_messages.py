"""A hundred and some messages of one domain, every fourth of them failed, with addresses that would be markup."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import insert

from smtpy_desktop.controllers import organizations_controller
from smtpy_desktop.database.models import Message
from tests.helpers.page_world import PageWorld
from tests.helpers.stored_domains import insert_domains

MESSAGES = 120


def store_few_messages(world: PageWorld, subject: Callable[[int], str]) -> None:
    """Store the messages; ``subject`` gives that of each number."""
    services = world.context.services

    async def work() -> None:
        organization = await organizations_controller.create_organization(
            world.database, "A & <b>", "a@example.com", actor=services.actor, publish=services.publish
        )
        (domain,) = await insert_domains(world.database, organization.id, ["example.com"])
        rows = [
            {
                "domain_id": domain,
                "message_id": f"<{number}@x>",
                "sender_email": "<i>@example.org",
                "recipient_email": "info@example.com",
                "subject": subject(number),
                "status": "failed" if number % 4 == 0 else "delivered",
                "bounce_class": "<u>odd" if number % 4 == 0 else None,
            }
            for number in range(MESSAGES)
        ]
        async with world.database.begin() as db:
            await db.execute(insert(Message), rows)

    world.run(work())
