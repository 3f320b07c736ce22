"""The sandbox's outside world in one object: its DNS with the zones in it, its Stripe and its mail.

Everything here runs on the asyncio thread that ``start`` was called on.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import TYPE_CHECKING

from smtpy_desktop.controllers import domains_controller, organizations_controller, settings_controller
from smtpy_desktop.controllers.dns_evidence import wanted_for
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.domain_name import unicode_form
from smtpy_desktop.core.mail_identity import format_resolvers
from smtpy_desktop.database import domain_checks_database
from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.sandbox import sample_data
from smtpy_desktop.sandbox.dns_breaking import Breakage
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.sandbox.dns_zones import Zone, ZoneFault
from smtpy_desktop.sandbox.sample_catalogue import publish_surroundings
from smtpy_desktop.sandbox.sandbox_mail import SandboxMail
from smtpy_desktop.sandbox.zone_editing import ZoneRecord, put_record, records_of
from smtpy_desktop.sandbox.zone_file import load_zones, save_zones
from smtpy_desktop.sandbox.zone_state import ZoneRow, parts_of, with_own_spf
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord
from smtpy_desktop.schemas.domain_checks import CheckSubject
from smtpy_desktop.schemas.domains import DomainQuery
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.sandbox.mail_keeper import MailKeeper
    from smtpy_desktop.sandbox.stripe_keeper import StripeKeeper
    from smtpy_desktop.sandbox.stripe_server import SandboxStripe


class SandboxWorld:
    """Owns the stand-ins of one sandbox; ``directory`` is the sandbox's profile.

    ``mail`` is there once the database is prepared. With ``has_live_mail`` messages come and go by themselves while
    ``keep_mail_coming`` runs; without, nothing is left to chance.
    """

    def __init__(self, directory: Path, *, has_live_mail: bool = True) -> None:
        self._directory = directory
        self._has_live_mail = has_live_mail
        kept = load_zones(directory)
        self._is_filled, self._has_messages = kept.is_filled, kept.has_messages
        self.dns = SandboxDns(kept.zones)
        publish_surroundings(kept.zones)
        self.mail: SandboxMail | None = None
        self._stripe: StripeKeeper | None = None
        self._post: MailKeeper | None = None
        self._forwarder_port = 0
        self._is_answering = False
        self._saving = asyncio.Lock()

    @property
    def stripe(self) -> SandboxStripe:
        """The stand-in for Stripe, there once the world was started."""
        if self._stripe is None:
            raise RuntimeError("the sandbox was not started")
        return self._stripe.stripe

    @property
    def post(self) -> MailKeeper:
        """The mail server of all targets with its inbox, there once the world was started."""
        if self._post is None:
            raise RuntimeError("the sandbox was not started")
        return self._post

    @property
    def listener_port(self) -> int:
        """Where the program should listen for Stripe's events: where it did last, or 0 for any port that is free."""
        return self._stripe.listener_port if self._stripe is not None else 0

    def deliver_to(self, address: str) -> None:
        """Let the sandbox's Stripe send its events to the program's listener."""
        if self._stripe is not None:
            self._stripe.deliver_to(address)

    def forwarded_by(self, port: int) -> None:
        """Let the sandbox's senders send their mail to the program's forwarder (0: there is none)."""
        self._forwarder_port = port
        if self.mail is not None:
            self.mail.forwarder_port = port

    async def start(self) -> None:
        """Start to answer on loopback, once; raise UserFacingError when no port can be had."""
        if self._is_answering:
            return
        if self._stripe is None:
            stripe_keeper, mail_keeper = await asyncio.to_thread(_keepers)
            self._stripe = stripe_keeper(self._directory)
            self._post = mail_keeper(has_moods=self._has_live_mail)
        try:
            await self.dns.start()
            await self._stripe.start()
            await self.post.start()
            self._is_answering = True
        except OSError as error:
            await self.stop()
            raise UserFacingError(
                "SANDBOX_PORTS",
                text("The sandbox's servers cannot listen on this machine."),
                detail=text("{reason}.", reason=error.strerror or str(error)),
                hint=text("Close other programs that use many ports, then start the sandbox again."),
            ) from error

    async def stop(self) -> None:
        """Stop to answer."""
        self._is_answering = False
        await self.dns.stop()
        if self._stripe is not None:
            await self._stripe.stop()
        if self._post is not None:
            await self._post.stop()

    async def prepare(self, services: Services, progress: Progress | None = None) -> None:
        """Point the database's settings to this run's DNS, and fill an empty database with the samples.

        Only for the sandbox's own database: raises UserFacingError for a server's.
        """
        if not services.is_embedded:
            raise UserFacingError(
                "SANDBOX_OWN_DATABASE",
                text("The sandbox uses the built-in database alone, so that nothing real can be changed by it."),
                hint=text("Start it without --database-url."),
            )
        settings = {
            "dns.resolvers": format_resolvers(tuple(self.dns.resolvers)),
            "dns.authoritative_port": str(self.dns.authoritative_port),
        }
        await settings_controller.change_settings(
            services.sessions, settings, actor=services.actor, publish=services.publish
        )
        is_empty = not await organizations_controller.list_organizations(services.sessions)
        if is_empty or not self._is_filled:
            self._is_filled = self._has_messages = False
            await sample_data.fill(services, self.dns.zones, progress)
            self._is_filled = True
            await self.save()
        if self._stripe is not None:
            await self._stripe.prepare(services, is_empty=is_empty)
        if self._post is not None:
            await self._post.prepare(services)
        rng = None if self._has_live_mail else random.Random(1)  # noqa: S311 - samples, no secrets
        self.mail = SandboxMail(services.sessions, services.publish, rng)
        self.mail.forwarder_port = self._forwarder_port
        if not self._has_messages and await self.mail.fill():
            self._has_messages = True
            await self.save()

    async def keep_mail_coming(self) -> None:
        """Play the senders and the targets of the sandbox's domains until cancelled, where that is wanted."""
        if self._has_live_mail and self.mail is not None:
            await self.mail.run()

    async def save_stripe(self) -> None:
        """Keep what was changed at the sandbox's Stripe for the next start."""
        if self._stripe is not None:
            await self._stripe.save()

    async def save(self) -> None:
        """Keep the zones for the next start."""
        async with self._saving:
            content: dict[str, object] = {
                "is_filled": self._is_filled,
                "has_messages": self._has_messages,
                "zones": self.dns.zones.dump(),
            }
            await asyncio.to_thread(save_zones, self._directory, content)

    # What the page of the zones shows

    async def zone_rows(self, services: Services) -> tuple[ZoneRow, ...]:
        """Return all domains by name, each with the state of its zone."""
        domain_ids = await domains_controller.list_ids(services.sessions, DomainQuery())
        identity, _ = await settings_controller.mail_settings(services.sessions)
        async with services.sessions.read() as db:
            subjects = await domain_checks_database.check_subjects(db, domain_ids)
        rows = (self._row(subject, wanted_for(subject, identity)) for subject in subjects)
        return tuple(sorted(rows, key=lambda row: row.name))

    async def zone_records(self, name: str) -> tuple[ZoneRecord, ...]:
        """Return the records of a domain's zone; none when there is no zone."""
        zone = self._zone(name)
        return records_of(zone) if zone is not None else ()

    # What can be done with a zone

    async def publish_wanted(self, services: Services, domain_id: DomainId) -> None:
        """Publish what the program wants of a domain, as a careful administrator would."""
        identity, _ = await settings_controller.mail_settings(services.sessions)
        settings_controller.require_complete(identity)
        async with services.sessions.read() as db:
            subjects = await domain_checks_database.check_subjects(db, [domain_id])
        if not subjects:
            raise NotFoundError("DOMAIN_NOT_FOUND", text("This domain does not exist any more."))
        zones = self.dns.zones
        zones.add_zone(subjects[0].name)
        zones.publish(with_own_spf(zones, wanted_for(subjects[0], identity), identity.spf))
        await self.save()

    async def break_record(self, name: str, kind: RecordKind, how: Breakage) -> None:
        """Spoil one kind of record in the way that people do; raise UserFacingError when it is not published."""
        self.dns.zones.break_record(name, kind, how)
        await self.save()

    async def set_fault(self, name: str, fault: ZoneFault) -> None:
        """Let something go wrong with a zone from now on; ``ZoneFault()`` heals it."""
        self.dns.zones.add_zone(name)
        self.dns.zones.set_fault(name, fault)
        await self.save()

    async def put_record(self, name: str, record: ZoneRecord, *, instead_of: ZoneRecord | None = None) -> None:
        """Put a record into a domain's zone, making the zone if there is none; raise FieldError for a bad value."""
        self.dns.zones.add_zone(name)
        put_record(self.dns.zones, record, instead_of=instead_of)
        await self.save()

    async def remove_records(self, records: tuple[ZoneRecord, ...]) -> None:
        """Take records out of their zones."""
        for record in records:
            self.dns.zones.remove_records(record.name, record.type, record.value)
        await self.save()

    async def set_cache_seconds(self, seconds: float) -> None:
        """Let the resolvers remember answers for so long at most (0: not at all)."""
        self.dns.set_cache_seconds(seconds)

    async def flush_caches(self) -> None:
        """Let the resolvers forget what they remember."""
        self.dns.flush()

    def _row(self, subject: CheckSubject, wanted: tuple[WantedRecord, ...]) -> ZoneRow:
        zone = self._zone(subject.name)
        return ZoneRow(
            id=subject.id,
            name=subject.name,
            unicode_name=unicode_form(subject.name),
            has_zone=zone is not None,
            parts=parts_of(self.dns.zones, wanted),
            fault=zone.fault if zone is not None else ZoneFault(),
        )

    def _zone(self, name: str) -> Zone | None:
        return next((zone for zone in self.dns.zones if zone.apex == name), None)


def _keepers() -> tuple[type[StripeKeeper], type[MailKeeper]]:
    """Load what takes a quarter of a second to load, off the event loop."""
    from smtpy_desktop.sandbox.mail_keeper import MailKeeper
    from smtpy_desktop.sandbox.stripe_keeper import StripeKeeper

    return StripeKeeper, MailKeeper
