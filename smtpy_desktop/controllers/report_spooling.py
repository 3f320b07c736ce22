"""Spools reports to senders: those at our own domains are sent to where their aliases lead, as we are their server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.controllers.alias_routes import load_forwarding
from smtpy_desktop.core.alias_matching import find_destination
from smtpy_desktop.core.mail_senders import mail_key
from smtpy_desktop.core.srs import is_srs
from smtpy_desktop.database import reports_database
from smtpy_desktop.schemas.aliases import Target
from smtpy_desktop.schemas.spool import SpooledMessage


async def spool_reports(db: AsyncSession, reports: Sequence[SpooledMessage], *, forwarder: str) -> None:
    """Write reports with their deliveries, due at once, in the transaction that records why they are written."""
    wanted = {report.recipient_email: _address(report.recipient_email) for report in reports}
    forwarding = await load_forwarding(db, wanted.values())
    aimed = []
    for report in reports:
        address = wanted[report.recipient_email]
        # Rewritten senders are not for the catch-all, and what leads nowhere fails where everybody can see it.
        is_ours = bool(forwarding.domains) and not is_srs(report.recipient_email.rpartition("@")[0])
        ends = find_destination(forwarding, address).targets if is_ours else ()
        aimed.append(sent_to(report, ends))
    await reports_database.spool_reports(db, aimed, forwarder=forwarder)


def sent_to(report: SpooledMessage, ends: Sequence[Target]) -> SpooledMessage:
    """Return a report as it goes to where its recipient's mail ends; nowhere: to the recipient."""
    if not ends:
        return report
    targets = tuple(end.address for end in ends)
    return replace(report, targets=targets, forwarded_to=", ".join(targets))


def _address(written: str) -> Target:
    return Target(written, mail_key(written))
