"""What follows when somebody gives deliveries up: the messages' status and error, and the reports to their senders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.controllers.report_spooling import spool_reports
from smtpy_desktop.core.delivery_report import FailedDelivery, build_report
from smtpy_desktop.database import delivery_results_database, given_up_database
from smtpy_desktop.database.given_up_database import GivenUp
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.identifiers import MessageId

_LONGEST_REPLY = 500


async def settle_given_up(
    db: AsyncSession,
    deliveries: Sequence[int],
    messages: Sequence[MessageId],
    *,
    actor: Actor,
    settings: ForwarderSettings,
    now: datetime,
    tells_senders: bool,
) -> int:
    """Give locked messages their status and error, and spool the reports; return how many senders are told.

    Only who may be told is: the rules against backscatter hold as for every report. Without a name of the server in
    the settings nobody is, as there is no forwarder that could send.
    """
    given_up = await given_up_database.given_up_messages(db, deliveries)
    errors = {one.due.message_id: (_error(one, actor), one.result.bounce_class) for one in given_up}
    await delivery_results_database.settle_messages(db, messages, errors)
    if not (tells_senders and settings.hostname):
        return 0
    reports = [
        build_report(FailedDelivery(one.due, one.result, settings.hostname, settings.retry_days, is_by_hand=True), now)
        for one in given_up
        if one.may_be_told
    ]
    if reports:
        await spool_reports(db, reports, forwarder=actor.via)
    return len(reports)


def _error(given_up: GivenUp, actor: Actor) -> str:
    """Return what the message says of it: by whom it was given up, and what the target had answered."""
    result = given_up.result
    reply = " ".join(str(part) for part in (result.code, result.enhanced, result.reply[:_LONGEST_REPLY]) if part)
    by = f"Given up by {actor.name} ({actor.via})."
    return f"{by} The last reply was: {reply}" if reply else by
