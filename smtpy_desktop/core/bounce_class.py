"""Reads out of a server's reply why mail was refused or put off, by what the large providers really answer."""

from __future__ import annotations

import re

from smtpy_desktop.core.bounce_advice import classify
from smtpy_desktop.core.bounce_kinds import BounceClass, sign_in_trouble

# Replies whose codes or words would be taken for something else; the first line that fits counts. Sources: the error
# lists that the providers publish (Google, Microsoft, Yahoo, Apple, GMX, Proofpoint, Barracuda), and the texts in the
# sources of Postfix, Exim, qmail and Dovecot.
_KNOWN: tuple[tuple[BounceClass, str], ...] = (
    (
        BounceClass.MAILBOX_FULL,
        r"out of storage|over ?quota|overquota|inbox is (?:out|full)|quota exceeded|552-?5\.2\.2",
    ),
    (
        BounceClass.MAILBOX_FULL,
        r"mailbox (?:is |has )?(?:full|exceeded)|quotaexceeded|insufficient (?:disk|storage) space",
    ),
    (BounceClass.RATE_LIMITED, r"receiving mail (?:at a rate|too quickly)|unusual rate of|temporarily deferred due to"),
    (BounceClass.RATE_LIMITED, r"\[ts0\d\]|\[tss0\d\]|s775|s3150|too many concurrent|exceeded the (?:rate|maximum)"),
    (BounceClass.REPUTATION, r"\[cs0\d\]|\bs3140\b|s77[0-9]|part of their network is on our block|low reputation"),
    (BounceClass.REPUTATION, r"banned sending ip|blocked by (?:spamhaus|barracuda|proofpoint|cloudmark)|blockedip"),
    (BounceClass.REPUTATION, r"as(?:3140|3150)|client host .{0,80} blocked|service unavailable; client host"),
    (BounceClass.REPUTATION, r"reverse (?:dns|hostname)|no ptr|\bptr (?:resource )?record|helo command rejected"),
    (BounceClass.POLICY, r"5\.7\.(?:2[3-7]|509|515)|unauthenticated|fails? (?:dmarc|spf|dkim|authentication)"),
    (BounceClass.GREYLISTED, r"gr[ea]y.?list|try again (?:in|after) \d+ (?:seconds|minutes)|deferred for \d+ sec"),
    (BounceClass.MAILBOX_DISABLED, r"account .{0,40}(?:is )?(?:disabled|inactive|suspended|deactivated|not active)"),
    (BounceClass.MAILBOX_DISABLED, r"mailbox (?:is )?(?:disabled|unavailable or disabled|inactive)|disabled user"),
    (
        BounceClass.UNKNOWN_USER,
        (
            r"account that you tried to reach does not exist|nosuchuser|recipientnotfound|recipnotfound"
            r"|unrouteable address|resolver\.adr\.|user (?:doesn't|does not) have (?:a|an) .{0,20}account"
            r"|\bdd\b requested mail|no mailbox here by that name|user unknown|unknown recipient"
            r"|not a valid (?:mailbox|recipient)|bad destination|mailbox unavailable"
            r"|no such (?:user|mailbox|recipient|address)"
        ),
    ),
    (
        BounceClass.RELAY_DENIED,
        r"relay(?:ing)? (?:access )?(?:denied|not|prohibited)|unable to relay|5\.7\.64|tenantattr",
    ),
    (BounceClass.TOO_LARGE, r"(?:message|size).{0,40}exceeds? .{0,30}(?:size|limit|maximum)|message file too big"),
    (BounceClass.CONTENT, r"suspicious|unsolicited|likely spam|550 high probability of spam|message rejected as spam"),
    (BounceClass.CONTENT, r"blocked because its content|552-?5\.7\.0|dangerous|executable"),
    (BounceClass.TLS_REQUIRED, r"must issue a starttls|tls is required|5\.7\.10\b|encryption required"),
    (BounceClass.LOOP, r"loops? back to|hop count exceeded|too many hops|routing loop|mail loop"),
    (BounceClass.HOST_NOT_FOUND, r"domain (?:name )?(?:not found|does not exist)|unrouteable domain|no mx or a"),
    (BounceClass.SERVER_BUSY, r"system (?:resources|load)|insufficient system resources|try again later|\bbusy\b"),
    (BounceClass.SERVER_BUSY, r"being stopped|shutting down|service (?:is )?(?:currently|temporarily) unavailable"),
)
_PATTERNS = tuple((bounce, re.compile(pattern)) for bounce, pattern in _KNOWN)
_LOST = re.compile(r"closed the connection|connection reset|broken pipe|connection refused|unreachable|no route to")


def bounce_class_of_reply(code: int | None, enhanced: str | None, words: str) -> BounceClass:
    """Return why a target refused or put off; ``code`` None: no reply, the words are our own."""
    text = " ".join(words.lower().split())
    trouble = sign_in_trouble(code, text)
    if trouble is not None:
        return trouble
    if code is None:
        if _LOST.search(text):
            return BounceClass.CONNECTION_REFUSED
        return classify(None, None if (enhanced or "").startswith("4.4.") else enhanced, text)
    text = f"{code} {enhanced or ''} {text}"
    for bounce, pattern in _PATTERNS:
        if pattern.search(text):
            return bounce
    return classify(code, enhanced, words)
