"""``smtpy-desktop domains``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from smtpy_desktop.commands.frame import EXIT_REFUSED, Invocation, answer, note, pass_invocation, run
from smtpy_desktop.commands.json_shapes import domain_row_shape, domain_shape, page_shape, time_shape
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.core.dns_report_json import report_for_people
from smtpy_desktop.core.domain_state import patience_words
from smtpy_desktop.core.zone_text import bind_zone, cloudflare_import, plain_table, records_json
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.dns import DnsReport, Verdict
from smtpy_desktop.schemas.domain_checks import VerificationSummary
from smtpy_desktop.schemas.domains import DeletionImpact, DomainDetails, DomainQuery, DomainRow, DomainStatus
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.paging import NumberedPage
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import (
        domain_checks_controller,
        domain_records_controller,
        domains_controller,
        organizations_controller,
    )
    from smtpy_desktop.controllers.services import Services
else:
    domain_checks_controller = lazy_module("smtpy_desktop.controllers.domain_checks_controller")
    domain_records_controller = lazy_module("smtpy_desktop.controllers.domain_records_controller")
    domains_controller = lazy_module("smtpy_desktop.controllers.domains_controller")
    organizations_controller = lazy_module("smtpy_desktop.controllers.organizations_controller")

_MARKS = {Verdict.OK: "ok", Verdict.WRONG: "WRONG", Verdict.UNKNOWN: "unknown"}


@click.group()
def domains() -> None:
    """Look after domains and verify their DNS records."""


@domains.command("list")
@click.option("--status", type=click.Choice([status.value for status in DomainStatus]))
@click.option("--search", default="", metavar="TEXT", help="Only names that hold this text.")
@click.option("--organization", metavar="NAME", help="Only this organization's domains.")
@click.option("--page", default=1, show_default=True)
@click.option("--page-size", default=20, show_default=True)
@pass_invocation
def list_domains(
    invocation: Invocation, status: str | None, search: str, organization: str | None, page: int, page_size: int
) -> None:
    """List domains by name, a page at a time."""

    async def read(services: Services) -> NumberedPage[DomainRow]:
        owner = None
        if organization is not None:
            owner = (await organizations_controller.find_organization(services.sessions, organization)).id
        statuses = frozenset({DomainStatus(status)} if status else ())
        query = DomainQuery(organization_id=owner, statuses=statuses, text=search)
        return await domains_controller.numbered_page(services.sessions, query, page, page_size)

    found = run(invocation, read)
    rows = [_table_row(row) for row in found.items]
    table = text_table(("Domain", "Status", "Active", "Organization", "Last check"), rows)
    footer = f"\n\nPage {found.page} of {found.total_pages}, {found.total} domains" if found.total > len(rows) else ""
    answer(invocation, page_shape(found, domain_row_shape), table + footer if found.total else "No domain found.")


@domains.command("add")
@click.argument("name")
@click.option("--organization", metavar="NAME", help="Whose domain it is; needed when there are several.")
@pass_invocation
def add_domain(invocation: Invocation, name: str, organization: str | None) -> None:
    """Add a domain; its records to publish are shown by `domains records NAME`."""

    async def add(services: Services) -> DomainDetails:
        owner = await organizations_controller.owner_for_new_domain(
            services.sessions, organization, actor=services.actor, publish=services.publish
        )
        return await domains_controller.add_domain(
            services.sessions, owner, name, keys=services.keys, actor=services.actor, publish=services.publish
        )

    domain = run(invocation, add)
    lines = f"Added {domain.name}. See what to publish: smtpy-desktop domains records {domain.name}"
    answer(invocation, domain_shape(domain), lines)


@domains.command("show")
@click.argument("name")
@pass_invocation
def show_domain(invocation: Invocation, name: str) -> None:
    """Show everything that is kept about a domain, with its last check."""

    async def show(services: Services) -> tuple[DomainDetails, DnsReport | None]:
        domain = await domains_controller.find_domain(services.sessions, name)
        return domain, await domain_checks_controller.last_report(services.sessions, domain.id)

    domain, report = run(invocation, show)
    data = domain_shape(domain)
    if report is not None:
        data["records"] = report_for_people(report)["records"]
    lines = "\n".join(f"{key.replace('_', ' ')}: {value}" for key, value in domain_shape(domain).items())
    answer(invocation, data, lines + (f"\n\n{_report_lines(report)}" if report else ""))


@domains.command("records")
@click.argument("name")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "bind", "cloudflare", "table"]),
    help="Default: table, or json with --json.",
)
@click.option("--offline", is_flag=True, help="Do not look for an SPF record to merge ours into.")
@pass_invocation
def show_records(invocation: Invocation, name: str, form: str | None, offline: bool) -> None:
    """Print exactly which records to publish for a domain."""

    async def read(services: Services) -> domain_records_controller.RecordsToPublish:
        domain = await domains_controller.find_domain(services.sessions, name)
        asker = None if offline else services.asker
        return await domain_records_controller.records_to_publish(services.sessions, domain.id, asker=asker)

    found = run(invocation, read)
    chosen = form or ("json" if invocation.options.as_json else "table")
    if chosen == "json":
        data = records_json(found.name, found.records) | {"note": str(found.note) if found.note else None}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    if found.note is not None:
        note(found.note)
    writers = {"bind": bind_zone, "cloudflare": cloudflare_import, "table": plain_table}
    click.echo(writers[chosen](found.records), nl=False)


@domains.command("verify")
@click.argument("names", nargs=-1, metavar="NAME…")
@click.option("--all", "every", is_flag=True, help="Every domain there is.")
@pass_invocation
def verify_domains(invocation: Invocation, names: tuple[str, ...], every: bool) -> int:
    """Check the records of domains now; the exit status is 1 when a record is wrong or could not be asked."""
    if bool(names) == every:
        raise click.UsageError("Name one or more domains, or give --all.")

    def tell(report: DnsReport) -> None:
        if invocation.options.as_json:
            click.echo(json.dumps(report_for_people(report), ensure_ascii=False))
        else:
            click.echo(_report_lines(report) + "\n")

    async def verify(services: Services) -> VerificationSummary:
        if every:
            ids = await domains_controller.list_ids(services.sessions, DomainQuery())
        else:
            ids = tuple([(await domains_controller.find_domain(services.sessions, name)).id for name in names])
        return await domain_checks_controller.verify_domains(
            services.sessions, ids, asker=services.asker, publish=services.publish, on_report=tell
        )

    summary = run(invocation, verify)
    if not invocation.options.as_json and summary.checked != 1:
        click.echo(
            f"{summary.checked} checked: {summary.verified} right, {summary.wrong} with wrong records, "
            f"{summary.unknown} could not be found out."
        )
    return 0 if summary.verified == summary.checked else EXIT_REFUSED


@domains.command("update")
@click.argument("name")
@click.option("--active/--inactive", "is_active", default=None, help="Forward mail for this domain, or not.")
@click.option("--catch-all", metavar="ADDRESS", help="Where mail for unknown addresses goes; empty: refuse it.")
@click.option("--organization", metavar="NAME", help="Give the domain to another organization.")
@pass_invocation
def update_domain(
    invocation: Invocation, name: str, is_active: bool | None, catch_all: str | None, organization: str | None
) -> None:
    """Change a domain's settings."""
    if is_active is None and catch_all is None and organization is None:
        raise click.UsageError("Say what to change: --active, --inactive, --catch-all or --organization.")

    async def update(services: Services) -> DomainDetails:
        owner = None
        if organization is not None:
            owner = (await organizations_controller.find_organization(services.sessions, organization)).id
        domain = await domains_controller.find_domain(services.sessions, name)
        return await domains_controller.update_domain(
            services.sessions,
            domain.id,
            is_active=is_active,
            catch_all=catch_all,
            organization_id=owner,
            actor=services.actor,
            publish=services.publish,
        )

    domain = run(invocation, update)
    answer(invocation, domain_shape(domain), f"Changed {domain.name}.")


@domains.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Really delete it with its aliases and messages.")
@pass_invocation
def delete_domain(invocation: Invocation, name: str, yes: bool) -> None:
    """Delete a domain with everything in it."""

    async def delete(services: Services) -> DeletionImpact:
        domain = await domains_controller.find_domain(services.sessions, name)
        if not yes:
            impact = await domains_controller.deletion_impact(services.sessions, domain.id)
            raise UserFacingError(
                "CONFIRMATION_NEEDED",
                text("{name} was not deleted.", name=domain.name),
                detail=text("{aliases} aliases and {messages} messages would go with it.", **_counts(impact)),
                hint=text("Repeat the command with --yes to delete them all for good."),
            )
        return await domains_controller.delete_domain(
            services.sessions, domain.id, confirmed_name=domain.name, actor=services.actor, publish=services.publish
        )

    impact = run(invocation, delete)
    lines = "Deleted {name} with {aliases} aliases and {messages} messages.".format(name=impact.name, **_counts(impact))
    answer(invocation, {"name": impact.name, "deleted": True, **_counts(impact)}, lines)


@domains.command("history")
@click.argument("name")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@pass_invocation
def show_history(invocation: Invocation, name: str, limit: int) -> None:
    """Show the past checks of a domain, newest first."""

    async def read(services: Services) -> Any:
        domain = await domains_controller.find_domain(services.sessions, name)
        return await domain_checks_controller.history(services.sessions, DomainId(domain.id), limit=limit)

    rows = run(invocation, read)
    items = [
        {
            "checked_at": time_shape(row.checked_at),
            "kind": row.report.kind.value,
            "verdict": row.report.verdict.value,
            "code": row.report.code,
            "reason": str(row.report.reason),
        }
        for row in rows
    ]
    lines = text_table(("Time", "Record", "Verdict", "Code"), [tuple(item.values())[:4] for item in items])
    answer(invocation, {"items": items}, lines if items else "Never checked.")


def _table_row(row: DomainRow) -> tuple[object, ...]:
    active = "yes" if row.is_active else "no"
    return row.name, row.status.value, active, row.organization_name, time_shape(row.last_checked_at)


def _counts(impact: DeletionImpact) -> dict[str, int]:
    return {"aliases": impact.aliases, "messages": impact.messages}


def _report_lines(report: DnsReport) -> str:
    lines = [f"{report.name}: {report.status}, {report.right} of {len(report.records)} records are right"]
    patience = patience_words(report.wrong_in_a_row)
    if patience is not None:
        lines.append(f"  {patience}")
    for record in report.records:
        lines.append(f"  {_MARKS[record.verdict]:8} {record.kind.value.upper():10} {record.host}")
        if record.verdict is not Verdict.OK:
            lines.append(f"           {record.reason}")
            lines.extend(f"           found:   {value}" for value in record.found)
            is_wrong = record.verdict is Verdict.WRONG  # then nothing is offered where nothing would be right
            publish = record.publish if is_wrong else record.wanted
            lines.extend(f"           publish: {value}" for value in publish)
        lines.extend(f"           note: {warning}" for warning in record.warnings)
    return "\n".join(lines)
