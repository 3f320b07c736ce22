"""Reports to senders: in the form of RFC 3464, about the alias alone, without a trace of the target."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.delivery_report import FailedDelivery, build_report, masked
from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, OutgoingMail, SendResult

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
RAW = (
    b"From: Anna <anna@sender.example>\r\nMessage-ID: <1@sender.example>\r\nSubject: Hi\r\n there\r\n\r\n"
    b"secret text\r\n"
)
DUE = DueDelivery(
    id=7,
    attempt_id=9,
    message_id=MessageId(3),
    domain_id=DomainId(2),
    recipient_email="office@our.example",
    original_sender="anna@sender.example",
    may_report=True,
    kind="forward",
    attempts=2,
    first_at=datetime(2026, 3, 1, tzinfo=UTC),
    mail=OutgoingMail(
        "srs@our.example", "Bob.Hidden@target.example", b"X-Forwarded-To: bob.hidden@target.example\r\n", RAW
    ),
)
RESULT = SendResult(
    DeliveryState.FAILED,
    "mx.target.example [192.0.2.1]",
    None,
    550,
    "5.1.1",
    "<bob.hidden@target.example>: user Bob.Hidden unknown at TARGET.example",
    12,
    "unknown_user",
)


def failed(due: DueDelivery = DUE, result: SendResult = RESULT) -> FailedDelivery:
    return FailedDelivery(due, result, "mx.our.example", 5)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_report_has_its_three_parts_and_says_that_it_is_automatic() -> None:
    report = build_report(failed(), NOW)
    message = parsed(report.raw or b"")

    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["To"] == "anna@sender.example" or message["To"] == "<anna@sender.example>"
    assert message["In-Reply-To"] == "<1@sender.example>"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    assert b"secret text" not in (report.raw or b"")
    assert b"Subject: Hi\r\n there\r\n" in (report.raw or b"")


def test_a_report_comes_from_the_null_sender_and_leads_to_no_other_report() -> None:
    report = build_report(failed(), NOW)

    assert report.envelope is not None
    assert (report.envelope.sender, report.envelope.forward_sender, report.envelope.may_report) == ("", "", False)
    assert (report.envelope.kind, report.targets, report.domain_id) == ("report", ("anna@sender.example",), 2)
    assert report.thread_id == "<1@sender.example>"


def test_the_status_is_about_the_alias() -> None:
    raw = (build_report(failed(), NOW).raw or b"").decode()

    assert "Reporting-MTA: dns; mx.our.example\r\n" in raw
    assert "Arrival-Date: Sun, 01 Mar 2026 00:00:00 +0000\r\n" in raw
    assert "Final-Recipient: rfc822; office@our.example\r\n" in raw
    assert "Action: failed\r\nStatus: 5.1.1\r\n" in raw
    assert "Diagnostic-Code: smtp; 550 5.1.1 <office@our.example>: user [hidden] unknown" in raw


def test_the_target_is_nowhere_in_a_report() -> None:
    raw = RAW.replace(b"Subject: Hi", b"Cc: BOB.hidden@target.example\r\nSubject: Hi")

    report = build_report(failed(replace(DUE, mail=replace(DUE.mail, raw=raw))), NOW)

    everything = repr(replace(report, targets=())).lower()
    assert "hidden@" not in everything
    assert "target.example" not in everything
    assert "x-forwarded-to" not in everything


@pytest.mark.parametrize(
    ("result", "status", "words"),
    [
        (SendResult(DeliveryState.FAILED, code=554, reply="no"), "5.0.0", "could not be delivered"),
        (SendResult(DeliveryState.DEFERRED, code=452, enhanced="4.2.2", reply="full"), "5.2.2", "tried for 5 days"),
        (SendResult(DeliveryState.DEFERRED, enhanced=None, reply=""), "5.4.7", "tried for 5 days"),
        (SendResult(DeliveryState.UNCERTAIN, enhanced="4.4.2", reply="x"), "5.4.2", "tried for 5 days"),
    ],
)
def test_what_is_given_up_has_a_permanent_status(result: SendResult, status: str, words: str) -> None:
    raw = (build_report(failed(result=result), NOW).raw or b"").decode()

    assert f"\r\nStatus: {status}\r\n" in raw
    assert words in raw


@given(st.text(max_size=300), st.text(max_size=40), st.binary(max_size=400))
def test_nothing_that_others_say_adds_a_header_or_a_part(reply: str, alias: str, head: bytes) -> None:
    alias = "".join(char for char in alias if char.isprintable()).encode("utf-8", "ignore").decode() + "@our.example"
    due = replace(DUE, recipient_email=alias, mail=replace(DUE.mail, raw=head + b"\r\n\r\nbody"))

    raw = build_report(failed(due, replace(RESULT, reply=reply)), NOW).raw or b""

    top, _, rest = raw.partition(b"\r\n\r\n")
    names = [line.split(b":")[0] for line in top.split(b"\r\n") if line[:1] not in b" \t"]
    assert set(names) <= {
        *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"In-Reply-To", b"References", b"Auto-Submitted"),
        *(b"MIME-Version", b"Content-Type"),
    }
    assert len(names) == len(set(names))
    boundary = re.search(rb'boundary="([^"]+)"', top)
    assert boundary is not None
    assert rest.count(b"--" + boundary[1]) == 4
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|\0", raw) is None


def test_a_huge_header_block_is_cut_at_a_whole_line() -> None:
    raw = b"Subject: x\r\n" + b"X-Long: " + b"y" * 60 + b"\r\n" * 1 + (b"X-More: " + b"z" * 70 + b"\r\n") * 5000

    report = build_report(failed(replace(DUE, mail=replace(DUE.mail, raw=raw))), NOW).raw or b""

    assert len(report) < 20_000
    assert report.rpartition(b"\r\n--")[0].endswith(b"z" * 70 + b"\r\n")


def test_international_addresses_get_an_international_report() -> None:
    report = build_report(failed(replace(DUE, recipient_email="büro@our.example", original_sender="jö@s.example")), NOW)
    raw = (report.raw or b"").decode()

    assert report.envelope is not None
    assert report.envelope.is_utf8
    assert "message/global-delivery-status" in raw
    assert "Final-Recipient: utf-8; büro@our.example" in raw


def test_a_sender_in_ascii_can_take_the_report_about_an_international_alias() -> None:
    alias = f"büro+a@{'long.' * 12}our.example"
    report = build_report(failed(replace(DUE, recipient_email=alias)), NOW)
    head, _, body = (report.raw or b"").decode().partition("\r\n\r\n")

    assert report.envelope is not None
    assert not report.envelope.is_utf8
    assert head.isascii()
    assert parsed(report.raw or b"")["Subject"] == f"Not delivered: your message to {alias}"
    assert max(map(len, head.splitlines())) <= 78
    assert "message/delivery-status" in body
    assert "Final-Recipient: utf-8; b\\x{FC}ro\\x{2B}a@long." in body.replace("\r\n ", " ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<bob+tag@t.example> unknown", "<alias@our.example> unknown"),
        ("user BOB+TAG unknown, bob neither", "user [hidden] unknown, [hidden] neither"),
        ("550 bob=t.example", "550 [hidden]=[hidden]"),
        ("bobby at not-t.examples", "bobby at not-t.examples"),
        ("see http://help.example/?to=bob%2Btag%40t.example", "see http://help.example/?to=[hidden]%2Btag%40[hidden]"),
    ],
)
def test_the_target_is_masked_in_any_spelling(text: str, expected: str) -> None:
    assert masked(text, "bob+tag@t.example", "alias@our.example") == expected
