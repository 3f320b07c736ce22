"""Trying mail out: what the engine would do with a message, told by the engine itself; nothing is sent or written."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from smtpy_desktop.controllers.arc_controller import ArcSealer
from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.forwarder_settings_controller import load_forwarder_settings
from smtpy_desktop.controllers.forwarding_cache import ForwardingCache
from smtpy_desktop.controllers.mail_intake_controller import MailIntakeController
from smtpy_desktop.controllers.mail_routes import MailRoutes, SenderRewriter
from smtpy_desktop.controllers.mail_trial_session import TrialCourse, TrialSession
from smtpy_desktop.controllers.nothing_written import NothingWritten
from smtpy_desktop.controllers.settings_controller import mail_settings
from smtpy_desktop.controllers.srs_controller import SrsRewriter
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.mail_decision import LEADS_NOWHERE, decide_message, decide_recipient, rule_facts
from smtpy_desktop.core.mail_headers import scan_mail
from smtpy_desktop.core.mail_source import MOST_BYTES, guess_envelope, read_mail_source
from smtpy_desktop.core.rule_explanation import explain_rules
from smtpy_desktop.core.srs import KEY_BYTES, SrsError, SrsFault, srs_forward, srs_stored
from smtpy_desktop.database import aliases_database, rules_database
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.gateways.export_files import ExportFiles
from smtpy_desktop.gateways.mail_tools import MailTools, TrialAuthenticator
from smtpy_desktop.schemas.aliases import Target
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature
from smtpy_desktop.schemas.mail_decision import RecipientDecision, RecipientRoute
from smtpy_desktop.schemas.mail_facts import MailFacts
from smtpy_desktop.schemas.mail_simulation import (
    RecipientSimulation,
    RuleCheck,
    RuleVerdict,
    SimulatedSending,
    Simulation,
    TrialEnvelope,
)
from smtpy_desktop.schemas.rules import Rule, RuleOwner
from smtpy_desktop.schemas.smtp_session import MailClient, SmtpReply
from smtpy_desktop.schemas.spool import SpooledMessage
from smtpy_desktop.schemas.text import Text, text

_MOST_RECIPIENTS = 50


async def read_mail_file(path: Path, *, files: ExportFiles) -> bytes:
    """Return what is in a file; raise FieldError for ``source`` when it is too large or no message."""
    content = await files.read(path, MOST_BYTES)
    await asyncio.to_thread(read_mail_source, content)
    return content


async def read_envelope(content: bytes) -> TrialEnvelope:
    """Return the envelope that a message came with, as far as it tells; raise FieldError when it is none."""
    source = await asyncio.to_thread(read_mail_source, content)
    return guess_envelope(await asyncio.to_thread(scan_mail, source.raw))


async def simulate(
    sessions: Sessions, content: bytes, envelope: TrialEnvelope, *, keys: MasterKeys, tools: MailTools
) -> Simulation:
    """Return what would become of a message that a client hands over with this envelope.

    The session, the decisions, the header lines and the rewritten sender come from the engine's own functions, over
    transactions that are rolled back. Raises FieldError for ``source``, ``recipients`` or ``client``.
    """
    envelope = _checked(envelope)
    source = await asyncio.to_thread(read_mail_source, content)
    trial = await _Trial.prepare(NothingWritten(sessions), keys, tools)
    session = TrialSession(trial.intake, _client(envelope), hostname=trial.settings.hostname)
    course = await session.hold(envelope, source.raw)
    await trial.intake.close()
    facts = await asyncio.to_thread(scan_mail, source.raw)
    told = _Told(envelope, facts, course, trial.authenticator.verdict, trial.store.messages)
    recipients = [await _recipient(trial, told, one) for one in dict.fromkeys(envelope.recipients)]
    return Simulation(
        envelope=envelope,
        size_bytes=len(source.raw),
        subject=facts.subject,
        from_address=facts.from_address,
        dialogue=tuple(course.dialogue),
        recipients=tuple(recipients),
        verdict=told.verdict,
        signatures=await _signatures_behind(trial, told, source.raw),
        notes=(*source.notes, *trial.notes, *_client_notes(envelope)),
    )


class _Recording:
    """The place where the intake stores mail in a trial: a list."""

    def __init__(self) -> None:
        self.messages: list[SpooledMessage] = []

    async def store(self, messages: Sequence[SpooledMessage]) -> tuple[MessageId, ...]:
        self.messages.extend(messages)
        return tuple(MessageId(0) for _ in messages)


class _Noting:
    """The engine's authentication, with its verdict noted."""

    def __init__(self, authenticator: TrialAuthenticator) -> None:
        self._authenticator = authenticator
        self.verdict: AuthenticationVerdict | None = None

    async def verify(self, client: MailClient, sender: str, raw: bytes) -> AuthenticationVerdict:
        self.verdict = await self._authenticator.verify(client, sender, raw)
        return self.verdict

    async def signatures(self, raw: bytes) -> tuple[DkimSignature, ...]:
        return await self._authenticator.signatures(raw)


class _TolerantSealer:
    """The engine's sealing; where the key may not be read here, the seal is left out and that is noted."""

    def __init__(self, sealer: ArcSealer) -> None:
        self._sealer = sealer
        self.notes: list[Text] = []

    async def seal(self, domain: str, raw: bytes, verdict: AuthenticationVerdict, sender: str) -> bytes:
        try:
            return await self._sealer.seal(domain, raw, verdict, sender)
        except UserFacingError as error:
            self.notes = [text("The seal (ARC) cannot be shown here: {reason}", reason=error.message)]
            return b""


class _MadeUpRewriter:
    """Rewrites senders where the real keys cannot be had: of the same form, signed with a key of its own."""

    def __init__(self) -> None:
        self._keys = (secrets.token_bytes(KEY_BYTES),)

    async def forward(self, sender: str, domain: str, *, now: datetime) -> str:
        return srs_forward(sender, domain, self._keys, now=now) or srs_stored(sender, domain, self._keys, now=now)[1]

    async def reverse(self, local_part: str, *, now: datetime) -> str:
        raise SrsError(SrsFault.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Trial:
    """The engine's parts, put together for one trial."""

    sessions: NothingWritten
    settings: ForwarderSettings
    intake: MailIntakeController
    routes: MailRoutes
    authenticator: _Noting
    store: _Recording
    sealer: _TolerantSealer
    key_notes: tuple[Text, ...]

    @property
    def notes(self) -> tuple[Text, ...]:
        """What could not be had here, and was left out or made up."""
        return (*self.key_notes, *self.sealer.notes)

    @staticmethod
    async def prepare(sessions: NothingWritten, keys: MasterKeys, tools: MailTools) -> _Trial:
        settings = replace(await load_forwarder_settings(sessions), per_client_minute=0)
        _, dns = await mail_settings(sessions)
        authenticator, store = _Noting(tools.authenticator(dns, settings.hostname)), _Recording()
        cache = ForwardingCache(sessions)
        rewriter, notes = await _rewriter(sessions, keys)
        sealer = _TolerantSealer(ArcSealer(sessions, keys, lambda: settings))
        intake = MailIntakeController(cache, rewriter, authenticator, store, settings=lambda: settings, sealer=sealer)
        return _Trial(sessions, settings, intake, MailRoutes(cache, rewriter), authenticator, store, sealer, notes)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known after the session."""

    envelope: TrialEnvelope
    facts: MailFacts
    course: TrialCourse
    verdict: AuthenticationVerdict | None
    messages: Sequence[SpooledMessage]


async def _rewriter(sessions: NothingWritten, keys: MasterKeys) -> tuple[SenderRewriter, tuple[Text, ...]]:
    rewriter = SrsRewriter(sessions, keys)
    try:
        await rewriter.keys()
    except UserFacingError as error:
        words = text("The rewritten sender has a made-up signature here: {reason}", reason=error.message)
        return _MadeUpRewriter(), (words,)
    return rewriter, ()


async def _recipient(trial: _Trial, told: _Told, typed: str) -> RecipientSimulation:
    """Say what would become of the mail to one recipient; the decision is made again, from the same facts."""
    envelope, course = told.envelope, told.course
    asked, address = course.recipients.get(typed), course.addresses.get(typed, typed)
    route = await trial.routes.route(address, envelope.sender, hostname=trial.settings.hostname, now=datetime.now(UTC))
    match = route.destination.match if route.destination is not None else None
    if asked is None:
        words = text("Refused: {reply}", reply=course.turned_away.get(typed) or course.last_reply)
        return RecipientSimulation(address, match, None, None, words)
    if not asked.is_accepted or course.sent is None or told.verdict is None:
        decision = decide_recipient(route, envelope.sender)
        if asked.is_accepted:
            words = text("The message was not taken: {reply}", reply=course.last_reply)
            return RecipientSimulation(address, match, None, None, words)
        return await _simulated(trial, told, route, decision, asked)
    decision = decide_message(route, envelope.sender, told.facts, told.verdict, trial.settings)
    place = course.sent.recipients.index(address)
    return await _simulated(trial, told, route, decision, course.replies[place])


async def _simulated(
    trial: _Trial, told: _Told, route: RecipientRoute, decision: RecipientDecision, reply: SmtpReply
) -> RecipientSimulation:
    return RecipientSimulation(
        address=route.address,
        match=route.destination.match if route.destination is not None else None,
        outcome=decision.outcome,
        reply=reply,
        reason=decision.reason,
        rules=await _rule_checks(trial, told, route, decision),
        sending=_sending(told, route, decision),
    )


async def _rule_checks(
    trial: _Trial, told: _Told, route: RecipientRoute, decision: RecipientDecision
) -> tuple[RuleCheck, ...]:
    """Say of every rule, those that are off, too, what it did; none is tried on what is refused before."""
    if route.domain is None or route.destination is None:
        return ()
    rules = await _all_rules(trial.sessions, route.domain.id, route.destination.match.source)
    was_tried = decision.rule is not None or not decision.is_refused or decision.reply == LEADS_NOWHERE
    if was_tried:
        return explain_rules(rules, rule_facts(told.envelope.sender, told.facts))
    return tuple(RuleCheck(rule, RuleVerdict.NOT_REACHED if rule.is_active else RuleVerdict.OFF) for rule in rules)


async def _all_rules(sessions: Sessions, domain_id: DomainId, source: str) -> tuple[Rule, ...]:
    async with sessions.read() as db:
        owners: list[RuleOwner] = []
        for alias in await aliases_database.find_aliases(db, [source]):
            owners += await rules_database.alias_owners(db, [alias.id])
        domain = await rules_database.domain_owner(db, domain_id)
        owners += [domain] if domain is not None else []
        return tuple([rule for owner in owners for rule in await rules_database.rules_of(db, owner)])


def _sending(told: _Told, route: RecipientRoute, decision: RecipientDecision) -> SimulatedSending | None:
    """Return how the message that the intake has stored for a recipient would be sent on."""
    message = next((one for one in told.messages if one.recipient_email == route.address and one.targets), None)
    if message is None or message.envelope is None:
        return None
    names = {target.address: target for target in decision.targets}
    return SimulatedSending(
        forward_sender=message.envelope.forward_sender,
        prefix=message.envelope.prefix.decode("utf-8", "replace"),
        targets=tuple(names.get(address, Target(address, address)) for address in message.targets),
        may_report=message.envelope.may_report,
    )


async def _signatures_behind(trial: _Trial, told: _Told, raw: bytes) -> tuple[DkimSignature, ...]:
    """Return whether the author's signatures hold behind our lines, of the first recipient that gets the mail."""
    message = next((one for one in told.messages if one.targets and one.envelope is not None), None)
    if message is None or message.envelope is None or not told.facts.has_signature:
        return ()
    found = await trial.authenticator.signatures(message.envelope.prefix + raw)
    return tuple(one for one in found if one.domain)


def _checked(envelope: TrialEnvelope) -> TrialEnvelope:
    recipients = tuple(dict.fromkeys(one.strip().strip("<>") for one in envelope.recipients if one.strip()))
    if not recipients:
        raise FieldError(
            "recipients", "SIMULATE_NO_RECIPIENT", text("Say whom the mail is for."), hint=text("An address of yours.")
        )
    if len(recipients) > _MOST_RECIPIENTS:
        raise FieldError(
            "recipients",
            "SIMULATE_MANY_RECIPIENTS",
            text(
                "These are {count} recipients; at most {most} are tried out.",
                count=len(recipients),
                most=_MOST_RECIPIENTS,
            ),
            hint=text("Try fewer at once."),
        )
    return TrialEnvelope(
        envelope.sender.strip().strip("<>"), recipients, _address(envelope.client_address), envelope.helo.strip()
    )


def _address(typed: str) -> str:
    written = typed.strip().strip("[]")
    if not written:
        return ""
    try:
        return str(ipaddress.ip_address(written.removeprefix("IPv6:")))
    except ValueError:
        raise FieldError(
            "client",
            "SIMULATE_CLIENT",
            text("“{value}” is no IP address.", value=typed.strip()),
            hint=text("Write the address of the server that hands the mail over: 192.0.2.1 or 2001:db8::1."),
        ) from None


def _client(envelope: TrialEnvelope) -> MailClient:
    return MailClient(address=envelope.client_address, helo=envelope.helo, protocol="ESMTP")


def _client_notes(envelope: TrialEnvelope) -> tuple[Text, ...]:
    if envelope.client_address:
        return ()
    return (text("Without the address of the client SPF cannot be checked, and DMARC rests on DKIM alone."),)
