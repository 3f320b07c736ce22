"""Everything that is known about one domain without asking anybody, for the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.controllers.dns_evidence import published_spf, wanted_for
from smtpy_desktop.controllers.domain_checks_controller import last_report
from smtpy_desktop.controllers.domains_controller import get_domain
from smtpy_desktop.controllers.settings_controller import parse_identity
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import domain_checks_database, settings_database
from smtpy_desktop.errors import NotFoundError
from smtpy_desktop.schemas.dns import DnsReport, RecordKind, WantedRecord
from smtpy_desktop.schemas.domains import DomainDetails
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.text import text


@dataclass(frozen=True, slots=True)
class DomainOverview:
    """A domain, the newest verdicts (None: never checked) and what it has to publish.

    ``records`` leaves out what the mail identity does not have yet; ``missing`` names the settings that it lacks.
    """

    domain: DomainDetails
    report: DnsReport | None
    records: tuple[WantedRecord, ...]
    missing: tuple[str, ...] = ()

    @property
    def has_identity(self) -> bool:
        """Whether every record can be asked of the domain."""
        return not self.missing

    def wanted(self, kind: RecordKind) -> tuple[WantedRecord, ...]:
        """The records of one kind to publish: several for MX, else one or none."""
        return tuple(record for record in self.records if record.kind is kind)


async def domain_overview(sessions: Sessions, domain_id: DomainId) -> DomainOverview:
    """Return a domain as its details show it; raise NotFoundError when it does not exist any more.

    The SPF record to publish is the one that the last check found, with our mechanism merged in.
    """
    domain = await get_domain(sessions, domain_id)
    report = await last_report(sessions, domain_id)
    async with sessions.read() as db:
        subjects = await domain_checks_database.check_subjects(db, [domain_id])
        identity = parse_identity(await settings_database.read_settings(db))
    if not subjects:
        raise NotFoundError("DOMAIN_NOT_FOUND", text("This domain does not exist any more."))
    records = wanted_for(subjects[0], identity, _existing_spf(report))
    return DomainOverview(domain, report, records, identity.missing)


def _existing_spf(report: DnsReport | None) -> str | None:
    if report is None:
        return None
    answers = [one.answer for record in report.records if record.kind is RecordKind.SPF for one in record.answers]
    return published_spf(answers)
