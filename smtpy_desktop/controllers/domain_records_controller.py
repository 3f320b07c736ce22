"""The records that a domain has to publish, as they are shown, copied and saved."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.controllers.dns_evidence import published_spf, records_to_offer, wanted_for
from smtpy_desktop.controllers.settings_controller import parse_dns_settings, parse_identity, require_complete
from smtpy_desktop.controllers.spf_evaluation import SpfEvaluation
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.spf_mending import mending_notes
from smtpy_desktop.database import domain_checks_database, settings_database
from smtpy_desktop.errors import NotFoundError
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.dns import Question, WantedRecord
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.text import Text, text


@dataclass(frozen=True, slots=True)
class RecordsToPublish:
    """A domain's wanted records; ``note`` says what could not be taken into account, or was taken out."""

    name: str
    records: tuple[WantedRecord, ...]
    note: Text | None = None


async def records_to_publish(sessions: Sessions, domain_id: DomainId, *, asker: DnsAsker | None) -> RecordsToPublish:
    """Return what to publish for a domain, with our SPF mechanism merged into the record it already has, mended.

    Without an ``asker`` the DNS is not asked. Raises UserFacingError while the mail identity is not complete.
    """
    async with sessions.read() as db:
        subjects = await domain_checks_database.check_subjects(db, [domain_id])
        stored = await settings_database.read_settings(db)
    if not subjects:
        raise NotFoundError("DOMAIN_NOT_FOUND", text("This domain does not exist any more."))
    subject = subjects[0]
    identity = parse_identity(stored)
    require_complete(identity)
    if asker is None:
        return RecordsToPublish(subject.name, wanted_for(subject, identity))
    settings = parse_dns_settings(stored)
    zone = await asker.find_zone(subject.name, settings)
    answers = await asker.ask_everywhere(Question(subject.name, "TXT"), zone, settings)
    note = None
    if not any(answer.state.is_definite for answer in answers):
        note = text(
            "Whether {name} has an SPF record already could not be found out. If it has one, do not publish a second: "
            "add our mechanism to it (RFC 7208 section 3.2).",
            name=subject.name,
        )
    existing = published_spf(answers)
    if existing is None:
        return RecordsToPublish(subject.name, wanted_for(subject, identity), note)
    mending = await SpfEvaluation(asker, identity, settings).mend(subject.name, existing)
    note = next(iter(mending_notes(mending, identity.spf)), None)
    return RecordsToPublish(subject.name, records_to_offer(subject, identity, mending), note)
