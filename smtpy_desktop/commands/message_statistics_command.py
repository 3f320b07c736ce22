"""``smtpy-desktop messages stats``: what became of the messages of a period, and how it was before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.message_shapes import totals_shape
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.core.calendar_steps import day_start
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.message_statistics import MessageStatistics, StatisticsPeriod
from smtpy_desktop.schemas.messages import MessageStatus, MessageTotals, RankedCount
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import (
        domains_controller,
        message_export_controller,
        message_statistics_controller,
        messages_controller,
        organizations_controller,
    )
    from smtpy_desktop.controllers.services import Services
else:
    domains_controller = lazy_module("smtpy_desktop.controllers.domains_controller")
    message_export_controller = lazy_module("smtpy_desktop.controllers.message_export_controller")
    message_statistics_controller = lazy_module("smtpy_desktop.controllers.message_statistics_controller")
    messages_controller = lazy_module("smtpy_desktop.controllers.messages_controller")
    organizations_controller = lazy_module("smtpy_desktop.controllers.organizations_controller")

_HOURS_UP_TO, _DAYS_UP_TO = timedelta(days=2), timedelta(days=120)


@click.command("stats")
@click.option("--since", metavar="DATE", help="Only messages since this day or time (included).")
@click.option("--until", metavar="DATE", help="Only messages before this day or time.")
@click.option("--domain", metavar="NAME", help="Only messages to this domain.")
@click.option("--organization", metavar="NAME", help="Only messages to this organization's domains.")
@click.option("--zone", default="UTC", show_default=True, metavar="ZONE", help="The time zone of dates and days.")
@pass_invocation
def show_statistics(
    invocation: Invocation,
    since: str | None,
    until: str | None,
    domain: str | None,
    organization: str | None,
    zone: str,
) -> None:
    """Count messages by what became of them, also over time, and against the period before."""

    async def read(services: Services) -> dict[str, Any]:
        days = message_export_controller.time_zone(zone)
        first, last = _moment("since", since, days), _moment("until", until, days)
        owner, domain_id = await _scope(services, organization, domain)
        period = _period(first, last, days)
        found = await message_statistics_controller.message_statistics(
            services.sessions, period, organization_id=owner, domain_id=domain_id
        )
        senders = await message_statistics_controller.top_senders(
            services.sessions, period, organization_id=owner, domain_id=domain_id
        )
        totals = await message_statistics_controller.message_totals(
            services.sessions, organization_id=owner, domain_id=domain_id, since=first, until=last
        )
        return _shape(totals, found, senders, zone)

    shape = run(invocation, read)
    answer(invocation, shape, _lines(shape))


async def _scope(
    services: Services, organization: str | None, domain: str | None
) -> tuple[OrganizationId | None, DomainId | None]:
    owner = domain_id = None
    if organization is not None:
        owner = (await organizations_controller.find_organization(services.sessions, organization)).id
    if domain is not None:
        domain_id = (await domains_controller.find_domain(services.sessions, domain)).id
    return owner, domain_id


def _moment(name: str, typed: str | None, zone: tzinfo) -> datetime | None:
    if typed is None:
        return None
    search = messages_controller.read_search(f'after:"{typed}"', zone)
    meanings = [term.meaning for group in search.groups for term in group]
    since = getattr(meanings[0], "since", None) if len(meanings) == 1 and not search.problems else None
    if not isinstance(since, datetime):
        raise FieldError(
            name,
            "DATE_UNKNOWN",
            text("{typed} is no date.", typed=typed),
            hint=text("Write it like 2026-01-31, 2026-01-31 12:00, yesterday or 7d."),
        )
    return since.astimezone(UTC)


def _period(since: datetime | None, until: datetime | None, zone: tzinfo) -> StatisticsPeriod:
    end = until or day_start(datetime.now(zone).date() + timedelta(days=1), zone)
    if since is not None and since > end and until is not None:
        raise FieldError(
            "until",
            "PERIOD_EMPTY",
            text("The period ends before it begins."),
            hint=text("Give an --until that is later than --since."),
        )
    end = end if since is None else max(since, end)
    length = end - since if since is not None else None
    step = "month" if length is None or length > _DAYS_UP_TO else "hour" if length <= _HOURS_UP_TO else "day"
    return StatisticsPeriod(since, end, step, zone)


def _shape(
    totals: MessageTotals, found: MessageStatistics, senders: tuple[RankedCount, ...], zone: str
) -> dict[str, Any]:
    period, before = found.period, found.period.before
    return {
        **totals_shape(totals),
        "in_queue": found.queue.count,
        "oldest_in_queue": time_shape(found.queue.oldest),
        "zone": zone,
        "since": time_shape(period.since),
        "until": time_shape(period.until),
        "before": None
        if before is None or found.before is None
        else {"since": time_shape(before.since), "until": time_shape(before.until), **totals_shape(found.before)},
        "step": period.step,
        "points": [
            {
                "start": point.start.astimezone(period.zone).isoformat(timespec="minutes"),
                "total": sum(point.counts.values()),
                **{status.value: point.counts.get(status, 0) for status in MessageStatus},
            }
            for point in found.points
        ],
        "reasons": [
            {"reason": one.label, "messages": one.count, "before": found.reasons_before.get(one.label, 0)}
            for one in found.reasons
        ],
        "domains": [{"domain": one.label, "messages": one.count} for one in found.domains],
        "senders": [{"sender": one.label, "messages": one.count} for one in senders],
    }


def _lines(shape: dict[str, Any]) -> str:
    before = shape["before"] or {}
    figures = [name for name in shape if name.endswith(("_messages", "_bytes", "_rate", "_seconds"))]
    rows = [(name.replace("_", " "), _figure(shape[name]), _figure(before.get(name))) for name in figures]
    columns = 3 if before else 2
    table = text_table(("", "Now", "Before")[:columns], [row[:columns] for row in rows])
    parts = [table, f"in queue: {shape['in_queue']}, oldest: {_figure(shape['oldest_in_queue'])}"]
    for title, name in (("reasons", "reason"), ("domains", "domain"), ("senders", "sender")):
        if shape[title]:
            ranked = [(visible_line(one[name]) or "-", one["messages"]) for one in shape[title]]
            parts.append(text_table((title.capitalize(), "Messages"), ranked))
    return "\n\n".join(parts)


def _figure(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
