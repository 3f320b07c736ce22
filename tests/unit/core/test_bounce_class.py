"""What real servers answer, and the reason that is read out of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.bounce_class import bounce_class_of_reply
from smtpy_desktop.core.bounce_kinds import BounceClass

GOOGLE = "https://support.google.com/mail/?p="
REPLIES = [
    # Gmail
    (550, "5.1.1", f"The email account that you tried to reach does not exist. {GOOGLE}NoSuchUser", "unknown_user"),
    (550, "5.2.1", f"The email account that you tried to reach is inactive. {GOOGLE}DisabledUser", "mailbox_disabled"),
    (452, "4.2.2", f"The recipient's inbox is out of storage space. {GOOGLE}OverQuotaTemp", "mailbox_full"),
    (552, "5.2.2", f"The recipient's inbox is out of storage space. {GOOGLE}OverQuotaPerm", "mailbox_full"),
    (
        450,
        "4.2.1",
        f"The user you are trying to contact is receiving mail too quickly. {GOOGLE}ReceivingRate",
        "rate_limited",
    ),
    (550, "5.7.26", "Your email has been blocked because the sender is unauthenticated. Gmail requires", "policy"),
    (550, "5.7.26", "Unauthenticated email from x.example is not accepted due to domain's DMARC policy.", "policy"),
    (
        421,
        "4.7.0",
        "Our system has detected an unusual rate of unsolicited mail originating from your IP",
        "rate_limited",
    ),
    (550, "5.7.1", "Our system has detected that this message is likely unsolicited mail.", "content"),
    (552, "5.7.0", "This message was blocked because its content presents a potential security issue.", "content"),
    (552, "5.3.4", "Your message exceeded Google's message size limits.", "too_large"),
    # Outlook and Exchange Online
    (550, "5.5.0", "Requested action not taken: mailbox unavailable (S2017062302).", "unknown_user"),
    (550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "unknown_user"),
    (
        550,
        "5.7.1",
        "Unfortunately, messages from [192.0.2.1] weren't sent. part of their network is on our block list (S3140).",
        "reputation",
    ),
    (
        451,
        "4.7.650",
        "The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)",
        "rate_limited",
    ),
    (
        550,
        "5.7.515",
        "Access denied, sending domain x.example doesn't meet the required authentication level.",
        "policy",
    ),
    (550, "5.7.64", "TenantAttribution; Relay Access Denied", "relay_denied"),
    (550, "5.7.606", "Access denied, banned sending IP [192.0.2.1]", "reputation"),
    (554, "5.2.2", "mailbox full; STOREDRV.Deliver; QuotaExceededException", "mailbox_full"),
    # Yahoo, AOL
    (
        421,
        "4.7.0",
        "[TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
        "rate_limited",
    ),
    (554, None, "delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]", "unknown_user"),
    (552, None, "Requested mail action aborted: exceeded storage allocation. Mailbox is over quota", "mailbox_full"),
    # Apple, GMX, others
    (
        550,
        "5.7.1",
        "[CS01] Message rejected due to local policy. Please visit https://support.apple.com/",
        "reputation",
    ),
    (554, "5.7.1", "Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "reputation"),
    (
        554,
        None,
        "gmx.net (mxgmx) Nemesis ESMTP Service not available. No SMTP service. Bad DNS PTR resource record.",
        "reputation",
    ),
    # Postfix, Exim, qmail, Dovecot
    (550, "5.1.1", "<x@y.example>: Recipient address rejected: User unknown in virtual mailbox table", "unknown_user"),
    (
        450,
        "4.2.0",
        "<x@y.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/",
        "greylisted",
    ),
    (554, "5.7.1", "<x@y.example>: Relay access denied", "relay_denied"),
    (554, "5.4.6", "Too many hops", "loop"),
    (554, "5.4.6", "mail for y.example loops back to myself", "loop"),
    (452, "4.3.1", "Insufficient system storage", "mailbox_full"),
    (552, "5.3.4", "Message size exceeds fixed limit", "too_large"),
    (530, "5.7.0", "Must issue a STARTTLS command first", "tls_required"),
    (550, None, "Unrouteable address", "unknown_user"),
    (550, None, "relay not permitted", "relay_denied"),
    (451, None, "Temporary local problem - please try later", "server_busy"),
    (511, None, "sorry, no mailbox here by that name (#5.1.1)", "unknown_user"),
    (552, "5.2.2", "<x@y.example> Quota exceeded (mailbox for user is full)", "mailbox_full"),
    (421, "4.3.2", "The system is going down: shutting down", "server_busy"),
    (550, "5.7.1", "Message rejected as spam by Content Filtering.", "content"),
    (550, "5.7.23", "SPF validation failed", "policy"),
    (556, "5.1.10", "Recipient address has null MX", "no_mail_accepted"),
]


@pytest.mark.parametrize(("code", "enhanced", "words", "expected"), REPLIES)
def test_the_reason_is_read_out_of_what_servers_really_answer(
    code: int, enhanced: str | None, words: str, expected: str
) -> None:
    assert bounce_class_of_reply(code, enhanced, words).value == expected


@pytest.mark.parametrize(
    ("enhanced", "words", "expected"),
    [
        ("4.4.1", "Connection refused", BounceClass.CONNECTION_REFUSED),
        ("4.4.1", "No route to host", BounceClass.CONNECTION_REFUSED),
        ("4.4.1", "No connection within the time allowed: timed out", BounceClass.TIMEOUT),
        ("4.4.2", "No answer within the time allowed (RCPT)", BounceClass.TIMEOUT),
        ("4.4.2", "The server closed the connection (MAIL)", BounceClass.CONNECTION_REFUSED),
        ("4.7.10", "TLS is required, and the server does not offer STARTTLS", BounceClass.TLS_REQUIRED),
        ("4.7.10", "TLS is required, and it fails: certificate: certificate has expired", BounceClass.TLS_REQUIRED),
        ("5.3.4", "The message is too large: 10 bytes, and the server takes 5", BounceClass.TOO_LARGE),
    ],
)
def test_our_own_words_have_a_reason_too(enhanced: str, words: str, expected: BounceClass) -> None:
    assert bounce_class_of_reply(None, enhanced, words) is expected


@given(st.none() | st.integers(400, 599), st.none() | st.text(max_size=8), st.text(max_size=2000))
def test_any_answer_has_some_reason(code: int | None, enhanced: str | None, words: str) -> None:
    assert isinstance(bounce_class_of_reply(code, enhanced, words), BounceClass)
