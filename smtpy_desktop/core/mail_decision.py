"""Decides, from facts alone, what becomes of mail to each of its recipients and what its client is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from smtpy_desktop.core.alias_matching import find_destination
from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.core.mail_rules import RuleFacts, decide, decide_early
from smtpy_desktop.core.mail_senders import mail_key, readable_key
from smtpy_desktop.schemas.aliases import MatchKind, Target
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict
from smtpy_desktop.schemas.mail_decision import MailOutcome, RecipientDecision, RecipientRoute, SenderReturn
from smtpy_desktop.schemas.mail_facts import MailFacts
from smtpy_desktop.schemas.rules import Rule, RuleAction
from smtpy_desktop.schemas.smtp_session import SmtpReply
from smtpy_desktop.schemas.text import Text, text

MOST_HOPS = 50
"""Received lines of a message that is still taken (RFC 5321 section 6.3 asks for a large number)."""

MOST_STORED_BYTES = 1024 * 1024 * 1024
"""What one mail may come to in the database: every recipient has a copy of its bytes there."""

MOST_OWN_HOPS = 10
"""Received lines of our own host: mail may come by several times on purpose, from alias to mailbox to alias."""

RECIPIENT_TAKEN = SmtpReply(250, "2.1.5", "Recipient accepted")
MESSAGE_TAKEN = SmtpReply(250, "2.0.0", "Message accepted")
RELAYING_DENIED = SmtpReply(550, "5.7.1", "Relaying denied: this is no address of ours")
ROUTED_BY_SENDER = SmtpReply(550, "5.7.1", "Relaying denied: mail is not routed by its sender here")
NO_SUCH_USER = SmtpReply(550, "5.1.1", "No such user here")
SWITCHED_OFF = SmtpReply(550, "5.2.1", "This address takes no mail at present")
LEADS_NOWHERE = SmtpReply(550, "5.2.1", "This address leads to no mailbox at present")
REPORTS_ALONE = SmtpReply(550, "5.7.1", "This address takes reports with an empty sender alone")
RETURN_INVALID = SmtpReply(550, "5.1.1", "This return address is not valid, or not any more")
BY_RULE = SmtpReply(550, "5.7.1", "The recipient does not take this mail")
BY_DMARC = SmtpReply(550, "5.7.1", "The mail does not pass the DMARC policy of its author's domain, which is to reject")
TOO_MANY_HOPS = SmtpReply(554, "5.4.6", "Mail loop: too many hops")
CAME_BACK = SmtpReply(554, "5.4.6", "Mail loop: it has been delivered to this address before")
TOO_LARGE_FOR_ALL = SmtpReply(552, "5.3.4", "The message is too large for so many recipients, send it to fewer at once")
TOO_LARGE = SmtpReply(552, "5.3.4", "The message is too large")


def decide_recipient(route: RecipientRoute, sender: str) -> RecipientDecision:
    """Decide at RCPT about a recipient of a mail from ``sender`` (empty: ``<>``), before anything else is known."""
    domain, destination = route.domain, route.destination
    if domain is None or destination is None:
        return _refused(route, RELAYING_DENIED, text("This is not one of your domains."), BounceClass.RELAY_DENIED)
    has_own_alias = destination.match.kind in (MatchKind.ALIAS, MatchKind.TAG)
    # A rewritten sender first: its hash vouches for it, whatever characters its original sender has.
    if route.sender_return is not SenderReturn.NONE and not has_own_alias:
        return _decide_return(route, sender)
    if route.is_routed_by_sender and not has_own_alias:
        reason = text("Refused: the address asks to send the mail on to another server.")
        return _refused(route, ROUTED_BY_SENDER, reason, BounceClass.RELAY_DENIED)
    if destination.match.kind is MatchKind.NONE:
        return _refused(route, NO_SUCH_USER, destination.reason, BounceClass.UNKNOWN_USER)
    if not destination.match.is_active:
        return _refused(route, SWITCHED_OFF, destination.reason, BounceClass.MAILBOX_DISABLED)
    rule = decide_early(route.rules, mail_key(sender))
    if rule is not None and rule.action is RuleAction.REFUSE:
        return _refused_by(route, rule)
    sends_elsewhere = any(one.is_active and one.targets for one in route.rules)
    if not destination.targets and not sends_elsewhere:
        return _refused(route, LEADS_NOWHERE, destination.reason, BounceClass.MAILBOX_DISABLED)
    return _accepted(route, MailOutcome.FORWARD, destination.reason, destination.targets)


def decide_message(
    route: RecipientRoute,
    sender: str,
    facts: MailFacts,
    verdict: AuthenticationVerdict,
    settings: ForwarderSettings,
) -> RecipientDecision:
    """Decide at the final dot what becomes of a message to one recipient."""
    first = decide_recipient(route, sender)
    if first.is_refused:
        return first
    fault = (
        _size_fault(route, facts, settings)
        or _loop_fault(route, facts, settings)
        or _dmarc_fault(route, verdict, settings)
    )
    if fault is not None:
        return fault
    if first.outcome is MailOutcome.RETURN:
        return replace(first, reply=MESSAGE_TAKEN)
    rule = decide(route.rules, rule_facts(sender, facts))
    return replace(_by_rule(first, rule), rule=rule)


def rule_facts(sender: str, facts: MailFacts) -> RuleFacts:
    """Return what the conditions of rules look at."""
    keys = [mail_key(one) for one in (facts.from_address, sender) if one]
    shown = [readable_key(key) for key in keys]
    return RuleFacts(tuple(dict.fromkeys([*keys, *shown])), facts.subject, facts.size_bytes, bool(facts.attachments))


def each_target_once(decisions: Iterable[RecipientDecision]) -> tuple[RecipientDecision, ...]:
    """Leave every target to the first recipient that leads to it, so that nobody gets a mail twice."""
    taken: set[str] = set()
    found = []
    for decision in decisions:
        fresh = tuple(target for target in decision.targets if target.key not in taken)
        taken.update(target.key for target in fresh)
        found.append(decision if fresh == decision.targets else replace(decision, targets=fresh))
    return tuple(found)


def may_report(decision: RecipientDecision, sender: str, facts: MailFacts, verdict: AuthenticationVerdict) -> bool:
    """Tell whether a failure may be reported to the sender: no report of a report, to a list or to a forged sender."""
    is_forwarded = decision.outcome is not MailOutcome.RETURN
    return bool(sender) and is_forwarded and verdict.spf != "fail" and not facts.is_automatic


def _decide_return(route: RecipientRoute, sender: str) -> RecipientDecision:
    if sender:
        reason = text("Refused: only reports with an empty sender are taken back to original senders.")
        return _refused(route, REPORTS_ALONE, reason, BounceClass.RELAY_DENIED)
    if route.sender_return is SenderReturn.REFUSED or route.return_to is None:
        reason = text("Refused: the rewritten sender is forged, too old or unknown.")
        return _refused(route, RETURN_INVALID, reason, BounceClass.UNKNOWN_USER)
    if route.domain is not None and not route.domain.is_active:
        reason = text("Refused: the alias or its domain is switched off.")
        return _refused(route, SWITCHED_OFF, reason, BounceClass.MAILBOX_DISABLED)
    ends = _ends(route, (route.return_to,))
    if not ends:
        reason = text("Refused: the original sender does not take mail any more.")
        return _refused(route, RETURN_INVALID, reason, BounceClass.UNKNOWN_USER)
    return _accepted(route, MailOutcome.RETURN, text("A report on its way back to the original sender."), ends)


def _size_fault(route: RecipientRoute, facts: MailFacts, settings: ForwarderSettings) -> RecipientDecision | None:
    if facts.size_bytes <= settings.largest_message:
        return None
    reason = text(
        "Refused: the message has {size} bytes, and at most {most} are taken (forwarder.max_size).",
        size=facts.size_bytes,
        most=settings.largest_message,
    )
    return _refused(route, TOO_LARGE, reason, BounceClass.TOO_LARGE)


def _loop_fault(route: RecipientRoute, facts: MailFacts, settings: ForwarderSettings) -> RecipientDecision | None:
    own_hops = facts.received_by.count(settings.hostname.lower()) if settings.hostname else 0
    if facts.received_count > MOST_HOPS or own_hops > MOST_OWN_HOPS:
        reason = text("Refused: mail loop, {hops} hops, {own} of them here.", hops=facts.received_count, own=own_hops)
        return _refused(route, TOO_MANY_HOPS, reason, BounceClass.LOOP)
    if route.key in {mail_key(address) for address in facts.delivered_to}:
        reason = text(
            "Refused: mail loop, it came back to {address} after it had been delivered.", address=route.address
        )
        return _refused(route, CAME_BACK, reason, BounceClass.LOOP)
    return None


def _dmarc_fault(
    route: RecipientRoute, verdict: AuthenticationVerdict, settings: ForwarderSettings
) -> RecipientDecision | None:
    if not (settings.heeds_dmarc and verdict.dmarc == "fail" and verdict.policy == "reject"):
        return None
    reason = text(
        "Refused: it does not pass the DMARC policy of {domain}, which is to reject (SPF {spf}, DKIM {dkim}).",
        domain=verdict.from_domain,
        spf=verdict.spf,
        dkim=verdict.dkim_result,
    )
    return _refused(route, BY_DMARC, reason, BounceClass.POLICY)


def _by_rule(decision: RecipientDecision, rule: Rule | None) -> RecipientDecision:
    route = decision.route
    if rule is None:
        if not decision.targets:
            return _refused(route, LEADS_NOWHERE, decision.reason, BounceClass.MAILBOX_DISABLED)
        return replace(decision, reply=MESSAGE_TAKEN)
    if rule.action is RuleAction.REFUSE:
        return _refused_by(route, rule)
    if rule.action is RuleAction.DISCARD:
        reason = text("Thrown away by rule {rule}.", rule=rule_name(rule))
        return RecipientDecision(route, MailOutcome.DISCARD, MESSAGE_TAKEN, reason, (), rule, BounceClass.OTHER.value)
    own = decision.targets if rule.action is RuleAction.FORWARD else ()
    ends = {target.key: target for target in (*own, *_ends(route, rule.targets))}
    if not ends:
        reason = text("Refused: the targets of rule {rule} lead nowhere.", rule=rule_name(rule))
        return _refused(route, LEADS_NOWHERE, reason, BounceClass.MAILBOX_DISABLED)
    reason = (
        text("Forwarded by rule {rule}.", rule=rule_name(rule))
        if rule.action is RuleAction.FORWARD
        else text("Redirected by rule {rule}.", rule=rule_name(rule))
    )
    return _accepted(route, MailOutcome.FORWARD, reason, tuple(ends.values()), MESSAGE_TAKEN)


def rule_name(rule: Rule) -> str:
    """Return what a rule is called in a sentence: its name in quotes, or its place."""
    return f"“{rule.name}”" if rule.name else str(rule.position)


def _ends(route: RecipientRoute, targets: Iterable[Target]) -> tuple[Target, ...]:
    """Return where targets lead to outside of our domains."""
    ends: dict[str, Target] = {}
    for target in targets:
        found = find_destination(route.forwarding, target)
        onward = (target,) if found.match.kind is MatchKind.ELSEWHERE else found.targets
        ends.update({end.key: end for end in onward if end.key not in ends})
    return tuple(ends.values())


def _accepted(
    route: RecipientRoute,
    outcome: MailOutcome,
    reason: Text,
    targets: tuple[Target, ...],
    reply: SmtpReply = RECIPIENT_TAKEN,
) -> RecipientDecision:
    return RecipientDecision(route, outcome, reply, reason, targets)


def _refused(route: RecipientRoute, reply: SmtpReply, reason: Text, bounce: BounceClass) -> RecipientDecision:
    return RecipientDecision(route, MailOutcome.REFUSE, reply, reason, bounce_class=bounce.value)


def _refused_by(route: RecipientRoute, rule: Rule) -> RecipientDecision:
    reason = text("Refused by rule {rule}.", rule=rule_name(rule))
    decision = _refused(route, BY_RULE, reason, BounceClass.OTHER)
    return replace(decision, rule=rule)
