"""Everything that is known about one domain without asking anybody, for the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.controllers.dns_evidence import published_spf, records_to_offer
from smtpy_desktop.controllers.domain_checks_controller import last_report
from smtpy_desktop.controllers.domains_controller import get_domain
from smtpy_desktop.controllers.settings_controller import parse_identity
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.spf_mending import mended_record
from smtpy_desktop.database import domain_checks_database, settings_database
from smtpy_desktop.errors import NotFoundError
from smtpy_desktop.schemas.dns import DnsReport, RecordKind, SpfMending, Verdict, WantedRecord
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

    The SPF record to publish is the one that the last check found, mended and with our mechanism merged in; it is left
    out where none is known that would do.
    """
    domain = await get_domain(sessions, domain_id)
    report = await last_report(sessions, domain_id)
    async with sessions.read() as db:
        subjects = await domain_checks_database.check_subjects(db, [domain_id])
        identity = parse_identity(await settings_database.read_settings(db))
    if not subjects:
        raise NotFoundError("DOMAIN_NOT_FOUND", text("This domain does not exist any more."))
    records = records_to_offer(subjects[0], identity, _mending(report, identity.spf))
    return DomainOverview(domain, report, records, identity.missing)


def _mending(report: DnsReport | None, mechanisms: str) -> SpfMending | None:
    """What the last check made of the domain's SPF record, for the mechanisms as they are set now."""
    spf = next((record for record in report.records if record.kind is RecordKind.SPF), None) if report else None
    existing = published_spf([one.answer for one in spf.answers]) if spf is not None else None
    if spf is None or existing is None:
        return None
    if spf.verdict is not Verdict.WRONG:
        return SpfMending(existing)
    if not spf.publish:
        return SpfMending("")
    removed = set(existing.split()).difference(*(value.split() for value in spf.publish))
    return SpfMending(mended_record(existing, mechanisms, domain=spf.host, offending=removed).value)
