"""What billing notes in the audit log, and says of who is no customer yet."""

from __future__ import annotations

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import audit_database
from smtpy_desktop.errors import NotFoundError
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.billing_account import BillingAccount
from smtpy_desktop.schemas.text import text


async def note_billing(
    sessions: Sessions, account: BillingAccount, action: str, changes: dict[str, list[str | None]], *, actor: Actor
) -> None:
    """Note in the audit log what was changed of an organization's billing."""
    async with sessions.begin() as db:
        entry = AuditEntry(
            action, "organization", account.organization_id, account.organization_name, account.organization_id, changes
        )
        await audit_database.record(db, actor, entry)


def no_customer(account: BillingAccount) -> NotFoundError:
    """Return the error that says so, and what to do."""
    return NotFoundError(
        "NO_CUSTOMER",
        text("{organization} is no customer at Stripe yet.", organization=account.organization_name),
        hint=text("Subscribe, or link a customer that exists at Stripe."),
    )
