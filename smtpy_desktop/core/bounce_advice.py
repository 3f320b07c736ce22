"""Says in plain words why a target refused a message, and what helps."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass

from smtpy_desktop.core.bounce_kinds import BounceClass, sign_in_trouble
from smtpy_desktop.schemas.messages import Attempt, DeliveryState
from smtpy_desktop.schemas.text import Text, text


class Remedy(enum.StrEnum):
    """A button that helps."""

    RETRY = "retry"
    UPDATE_STATUS = "update_status"
    SHOW_DOMAIN = "show_domain"


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened in a few words, what to do about it, and the buttons that help, the most useful first.

    ``gets_better``: waiting may be enough.
    """

    heading: Text
    words: Text
    remedies: tuple[Remedy, ...]
    gets_better: bool = False


_REPLY = re.compile(r"(?<!\d)([2-5]\d\d)(?:[ -]+([245]\.\d{1,3}\.\d{1,3}))?(?!\d)")
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")

# Words tell more than codes: many servers answer every refusal with 550 5.7.1. The first line that fits counts.
_BY_WORDS: tuple[tuple[BounceClass, str], ...] = (
    (BounceClass.GREYLISTED, r"gr[ea]ylist|postgrey"),
    (BounceClass.MAILBOX_FULL, r"mailbox (?:is )?full|over ?quota|quota exceeded|exceeded storage|out of storage"),
    (BounceClass.RATE_LIMITED, r"rate.?limit|too many (?:messages|connections|recipients|mails)|throttl|too fast"),
    (BounceClass.TOO_LARGE, r"(?:message|mail) (?:size )?(?:is )?too (?:big|large)|size (?:limit|exceeds)|max\w* size"),
    (
        BounceClass.POLICY,
        r"dmarc|\bspf\b|\bdkim\b|unauthenticated|not authenticated|authentication (?:checks|required)",
    ),
    (BounceClass.REPUTATION, r"black ?list|block ?list|\brbl\b|dnsbl|spamhaus|reputation|blocked using|poor score"),
    (BounceClass.CONTENT, r"spam|virus|malware|phish|content (?:rejected|refused)|message content|banned attachment"),
    (
        BounceClass.MAILBOX_DISABLED,
        r"(?:mailbox|account|user|recipient)[^.]{0,24}(?:disabled|inactive|suspended|locked)",
    ),
    (
        BounceClass.UNKNOWN_USER,
        (
            r"(?:user|mailbox|recipient|address|account)[^.]{0,24}(?:unknown|not found|not exist|unavailable|rejected)"
            r"|no such (?:user|mailbox|recipient|person)|unknown (?:user|recipient|local)|does not exist"
            r"|invalid recipient"
        ),
    ),
    (BounceClass.RELAY_DENIED, r"relay(?:ing)? (?:access )?(?:denied|not (?:permitted|allowed))|unable to relay"),
    (BounceClass.TLS_REQUIRED, r"(?:starttls|tls)[^.]{0,30}(?:required|first|fail|not offered|must)|certificate"),
    (BounceClass.LOOP, r"mail loop|loop detected|too many hops|hop count"),
    (BounceClass.NO_MAIL_ACCEPTED, r"null mx|does not accept mail|no mail service"),
    (
        BounceClass.HOST_NOT_FOUND,
        (
            r"host (?:or domain )?(?:name )?not found|name or service not known|nxdomain|no such host|domain not found"
            r"|no mx|could not be resolved|name resolution"
        ),
    ),
    (BounceClass.CONNECTION_REFUSED, r"connection refused|no route to host|network is unreachable|connection reset"),
    (BounceClass.TIMEOUT, r"timed? ?-?out|no answer within"),
)
_BY_ENHANCED: dict[str, BounceClass] = {
    # RFC 3463 section 3 and the IANA registry of enhanced status codes.
    "1.1": BounceClass.UNKNOWN_USER,
    "1.2": BounceClass.HOST_NOT_FOUND,
    "1.3": BounceClass.UNKNOWN_USER,
    "1.6": BounceClass.UNKNOWN_USER,
    "1.10": BounceClass.NO_MAIL_ACCEPTED,
    "2.1": BounceClass.MAILBOX_DISABLED,
    "2.2": BounceClass.MAILBOX_FULL,
    "2.3": BounceClass.TOO_LARGE,
    "3.1": BounceClass.MAILBOX_FULL,
    "3.2": BounceClass.SERVER_BUSY,
    "3.4": BounceClass.TOO_LARGE,
    "4.1": BounceClass.TIMEOUT,
    "4.2": BounceClass.TIMEOUT,
    "4.3": BounceClass.HOST_NOT_FOUND,
    "4.4": BounceClass.HOST_NOT_FOUND,
    "4.5": BounceClass.SERVER_BUSY,
    "4.6": BounceClass.LOOP,
    "4.7": BounceClass.TIMEOUT,
    "6.0": BounceClass.CONTENT,
    "7.1": BounceClass.POLICY,
    "7.10": BounceClass.TLS_REQUIRED,
    "7.20": BounceClass.POLICY,
    "7.23": BounceClass.POLICY,
    "7.26": BounceClass.POLICY,
    "7.28": BounceClass.RATE_LIMITED,
}
_BY_CODE: dict[int, BounceClass] = {
    421: BounceClass.SERVER_BUSY,
    450: BounceClass.GREYLISTED,
    451: BounceClass.SERVER_BUSY,
    452: BounceClass.MAILBOX_FULL,
    530: BounceClass.TLS_REQUIRED,
    550: BounceClass.UNKNOWN_USER,
    551: BounceClass.UNKNOWN_USER,
    552: BounceClass.MAILBOX_FULL,
    553: BounceClass.UNKNOWN_USER,
    554: BounceClass.CONTENT,
    556: BounceClass.NO_MAIL_ACCEPTED,
}


_NAMES = frozenset(bounce.value for bounce in BounceClass)


def classify(code: int | None, enhanced: str | None, reply: str) -> BounceClass:
    """Return why a target refused, from its reply code, its enhanced code (RFC 3463) and its words."""
    words = " ".join(reply.lower().split())
    trouble = sign_in_trouble(code, words)
    if trouble is not None:
        return trouble
    for bounce, pattern in _BY_WORDS:
        if re.search(pattern, words):
            return bounce
    by_enhanced = _BY_ENHANCED.get((enhanced or "").partition(".")[2])
    if by_enhanced is not None:
        return by_enhanced
    return _BY_CODE.get(code or 0, BounceClass.OTHER)


def classify_text(error: str) -> BounceClass:
    """Return why a message failed, from its error message alone: codes are read out of it."""
    reply, enhanced = _REPLY.search(error), _ENHANCED.search(error)
    return classify(int(reply[1]) if reply else None, enhanced[1] if enhanced else None, error)


def bounce_class_of(name: str | None, attempts: Iterable[Attempt], error: str | None) -> BounceClass | None:
    """Return the class under which a message failed: the one stored, or what its last failed attempt or error tells.

    None when nothing failed.
    """
    stored = (name or "").replace("-", "_").lower()
    if stored in _NAMES:
        return BounceClass(stored)
    failed = [one for one in attempts if one.outcome in (DeliveryState.FAILED, DeliveryState.DEFERRED)]
    if failed:
        last = max(failed, key=lambda one: one.at)
        return classify(last.code, last.enhanced, last.reply)
    return classify_text(error) if error else None


def bounce_name(bounce: BounceClass) -> Text:
    """Return a bounce class in two or three words, for rankings."""
    return _BOUNCE_NAMES[bounce]


def advice_for(bounce: BounceClass) -> Advice:
    """Return what to tell about a bounce class."""
    return _ADVICE[bounce]


_BOUNCE_NAMES: dict[BounceClass, Text] = {
    BounceClass.MAILBOX_FULL: text("Mailbox full"),
    BounceClass.UNKNOWN_USER: text("Unknown address"),
    BounceClass.MAILBOX_DISABLED: text("Mailbox disabled"),
    BounceClass.POLICY: text("Refused by policy"),
    BounceClass.CONTENT: text("Refused as spam"),
    BounceClass.REPUTATION: text("Block list"),
    BounceClass.GREYLISTED: text("Greylisted"),
    BounceClass.RATE_LIMITED: text("Too many at once"),
    BounceClass.TOO_LARGE: text("Too large"),
    BounceClass.RELAY_DENIED: text("Relaying denied"),
    BounceClass.HOST_NOT_FOUND: text("Host not found"),
    BounceClass.NO_MAIL_ACCEPTED: text("No mail accepted"),
    BounceClass.CONNECTION_REFUSED: text("Connection refused"),
    BounceClass.TIMEOUT: text("No answer in time"),
    BounceClass.TLS_REQUIRED: text("TLS failed"),
    BounceClass.SIGN_IN_REFUSED: text("Password not accepted"),
    BounceClass.SIGN_IN_OTHER_WAY: text("Another way to sign in"),
    BounceClass.SIGN_IN_NEEDED: text("Sign-in needed"),
    BounceClass.SIGN_IN_UNSAFE: text("No TLS for the password"),
    BounceClass.SIGN_IN_NOT_NOW: text("Password not checked now"),
    BounceClass.LOOP: text("Mail loop"),
    BounceClass.SERVER_BUSY: text("Target not ready"),
    BounceClass.OTHER: text("Other reasons"),
}

_AGAIN = (Remedy.RETRY, Remedy.UPDATE_STATUS)
_ELSEWHERE = (Remedy.UPDATE_STATUS, Remedy.RETRY)
_OURS = (Remedy.SHOW_DOMAIN, Remedy.RETRY)

_ADVICE: dict[BounceClass, Advice] = {
    BounceClass.MAILBOX_FULL: Advice(
        text("The mailbox is full"),
        text("It will not get better by itself: ask the recipient to free space, then retry."),
        _AGAIN,
    ),
    BounceClass.UNKNOWN_USER: Advice(
        text("The target address does not exist"),
        text(
            "Retrying will not help. Look for a typing mistake in the alias, or ask the recipient for the new address."
        ),
        _ELSEWHERE,
    ),
    BounceClass.MAILBOX_DISABLED: Advice(
        text("The mailbox is switched off"),
        text("The provider has disabled it. Ask the recipient whether the account is still in use, then retry."),
        _AGAIN,
    ),
    BounceClass.POLICY: Advice(
        text("Refused by policy: the sender is not proven"),
        text(
            "SPF, DKIM or DMARC did not convince the target. Verify the records of the domain; when they are right, "
            "the original sender has to sign its mail."
        ),
        _OURS,
    ),
    BounceClass.CONTENT: Advice(
        text("Refused as spam or for its content"),
        text(
            "The target's filter does not want this message. Retrying will not help; the recipient may allow the "
            "sender."
        ),
        (Remedy.UPDATE_STATUS,),
    ),
    BounceClass.REPUTATION: Advice(
        text("Our server's address is on a block list"),
        text("The reply names the list. Ask there to be taken off, mend what has led to it, then retry."),
        _AGAIN,
    ),
    BounceClass.GREYLISTED: Advice(
        text("The target asks to try again later"),
        text(
            "That is greylisting, a usual first answer to an unknown server. The next attempt normally succeeds: wait."
        ),
        (Remedy.RETRY,),
        gets_better=True,
    ),
    BounceClass.RATE_LIMITED: Advice(
        text("Too many messages at once"),
        text("The target slows us down. The next attempts come by themselves, further apart; there is nothing to do."),
        (Remedy.RETRY,),
        gets_better=True,
    ),
    BounceClass.TOO_LARGE: Advice(
        text("The message is too large for the target"),
        text("Retrying will not help. Ask the sender to share the file by a link instead."),
        (Remedy.UPDATE_STATUS,),
    ),
    BounceClass.RELAY_DENIED: Advice(
        text("The server does not take mail for this address"),
        text(
            "It is not the target's mail server, or does not know the domain. Check the target's domain and smart host."
        ),
        _AGAIN,
    ),
    BounceClass.HOST_NOT_FOUND: Advice(
        text("The target's mail server cannot be found"),
        text("Its domain has no usable mail records in the DNS. Look for a typing mistake in the alias, then retry."),
        _AGAIN,
    ),
    BounceClass.NO_MAIL_ACCEPTED: Advice(
        text("The target's domain takes no mail at all"),
        text("It says so in the DNS (null MX). Retrying will not help: the alias needs another target."),
        (Remedy.UPDATE_STATUS,),
    ),
    BounceClass.CONNECTION_REFUSED: Advice(
        text("The target's mail server refuses connections"),
        text("It may be down for a while, or block our address or port 25. Attempts go on by themselves."),
        (Remedy.RETRY,),
        gets_better=True,
    ),
    BounceClass.TIMEOUT: Advice(
        text("The target's mail server does not answer"),
        text("It may be overloaded or out of reach for a while. Attempts go on by themselves."),
        (Remedy.RETRY,),
        gets_better=True,
    ),
    BounceClass.TLS_REQUIRED: Advice(
        text("No secure connection could be made"),
        text(
            "The target asks for TLS, or its certificate is not valid. Its administrator has to mend that; then retry."
        ),
        _AGAIN,
    ),
    BounceClass.SIGN_IN_REFUSED: Advice(
        text("The smart host does not accept the user name and password"),
        text(
            "Correct them under Settings, Forwarding, and try them there. Some providers want a password or key of"
            " their own for programs. Mail waits meanwhile, and leaves by itself afterwards."
        ),
        (Remedy.RETRY,),
    ),
    BounceClass.SIGN_IN_OTHER_WAY: Advice(
        text("The smart host wants another way to sign in"),
        text(
            "Make a password for programs (app password, SMTP key) at the provider and enter it under Settings,"
            " Forwarding; where the server knows no signing in at all, leave the user name empty. Mail waits meanwhile,"
            " and leaves by itself afterwards."
        ),
        (Remedy.RETRY,),
    ),
    BounceClass.SIGN_IN_NEEDED: Advice(
        text("The server wants a user name and password"),
        text(
            "If it is your smart host, enter both under Settings, Forwarding; a forwarder on a server is given the"
            " password by SMTPY_SMARTHOST_PASSWORD_FILE. Mail to a smart host waits meanwhile. A target's own server"
            " has no business asking: look at the alias."
        ),
        (Remedy.RETRY,),
    ),
    BounceClass.SIGN_IN_UNSAFE: Advice(
        text("The password is not sent without TLS"),
        text(
            "Choose TLS from the first byte on (port 465) or required STARTTLS under Settings, Forwarding, and the"
            " server's name as its certificate has it. Mail waits meanwhile, and leaves by itself afterwards."
        ),
        (Remedy.RETRY,),
    ),
    BounceClass.SIGN_IN_NOT_NOW: Advice(
        text("The smart host cannot check the password now"),
        text("A passing fault on its side. Attempts go on by themselves, further apart."),
        (Remedy.RETRY,),
        gets_better=True,
    ),
    BounceClass.LOOP: Advice(
        text("The message goes round in a circle"),
        text("The target forwards back to one of our domains. Change the alias or the forwarding at the target."),
        (Remedy.SHOW_DOMAIN, Remedy.UPDATE_STATUS),
    ),
    BounceClass.SERVER_BUSY: Advice(
        text("The target is not ready now"),
        text("A passing fault on its side. Attempts go on by themselves."),
        (Remedy.RETRY,),
        gets_better=True,
    ),
    BounceClass.OTHER: Advice(
        text("The target refused the message"),
        text("Its reply stands in the time line. Retry when the reason is gone."),
        _AGAIN,
    ),
}
