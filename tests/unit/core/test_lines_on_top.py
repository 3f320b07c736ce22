"""The lines that we put on top leave every signature of the author as it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.arc_chain import ArcState
from smtpy_desktop.core.arc_set import ArcSigner, arc_set
from smtpy_desktop.core.authentication_results import authentication_results_line, results_text
from smtpy_desktop.core.dkim_private_key import signer_of
from smtpy_desktop.core.dkim_verification import SignedMessage
from smtpy_desktop.core.header_lines import delivered_to_line, forwarded_for_line, received_line
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature
from smtpy_desktop.schemas.smtp_session import MailClient
from tests.helpers.mail_corpus import corpus
from tests.helpers.signatures import judge
from tests.helpers.signing import SigningKey, dkimpy_accepts

AUTHOR = SigningKey("author.example", "k1")
KEYS = {AUTHOR.name: AUTHOR.record}
SIGNER = ArcSigner("alias.example", "a1", signer_of(AUTHOR.pair.private_key))
CLIENT = MailClient("192.0.2.10", helo="mail.author.example", protocol="ESMTPS", tls="TLSv1.3")
VERDICT = AuthenticationVerdict("pass", "author.example", (DkimSignature("author.example", "k1", "pass"),))
NOW = datetime(2026, 11, 22, tzinfo=UTC)
OVERSIGNED = (
    b"from",
    b"from",
    b"subject",
    b"subject",
    b"to",
    b"to",
    b"cc",
    b"reply-to",
    b"message-id",
    b"list-id",
    b"sender",
)

NOT_SIGNED_BY_DKIMPY = ("no-from", "blank-before-the-colon", "lines-that-are-no-header")
SIGNABLE = [mail for mail in corpus() if mail.name not in NOT_SIGNED_BY_DKIMPY]

NAMES = st.sampled_from(
    ["Subject", "To", "Received", "Delivered-To", "X-Forwarded-For", "Authentication-Results", "ARC-Seal", "Sender"]
)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=["C", "Z"]), max_size=30)
FOLDS = st.sampled_from(["", "\r\n ", "\r\n\t", "  "])
FIELDS = st.lists(st.tuples(NAMES, VALUES, FOLDS, VALUES), max_size=8)


def lines_on_top(raw: bytes) -> bytes:
    """What a forwarder puts on top of a message."""
    results = results_text("mx.example.net", VERDICT, "ada@author.example")
    return (
        arc_set(SignedMessage(raw), ArcState("none"), results, SIGNER, now=1)
        + authentication_results_line("mx.example.net", VERDICT, "ada@author.example")
        + received_line(CLIENT, hostname="mx.example.net", queue_id="1", now=NOW, recipient="shop@alias.example")
        + delivered_to_line("shop@alias.example")
        + forwarded_for_line("shop@alias.example")
    )


def signed_by_author(raw: bytes, methods: tuple[bytes, bytes]) -> bytes:
    return AUTHOR.signed(raw, canonical=methods, headers=OVERSIGNED)


@pytest.mark.parametrize("methods", [(b"simple", b"simple"), (b"relaxed", b"relaxed")], ids=["simple", "relaxed"])
@pytest.mark.parametrize("mail", SIGNABLE, ids=lambda mail: mail.name)
def test_a_signed_message_of_any_shape_stays_signed(mail, methods) -> None:
    signed = signed_by_author(mail.raw, methods)

    forwarded = lines_on_top(signed) + signed

    assert judge(forwarded, KEYS) == judge(signed, KEYS)
    assert dkimpy_accepts(signed, KEYS)
    assert dkimpy_accepts(forwarded, KEYS)


@given(fields=FIELDS, methods=st.sampled_from([(b"simple", b"simple"), (b"relaxed", b"simple")]))
def test_a_signed_header_of_any_shape_stays_signed(fields, methods) -> None:
    head = "".join(f"{name}: {before}{fold}{after}\r\n" for name, before, fold, after in fields)
    signed = signed_by_author(f"{head}From: Ada <ada@author.example>\r\n\r\nbody\r\n".encode(), methods)

    forwarded = lines_on_top(signed) + signed

    assert judge(signed, KEYS) == judge(forwarded, KEYS) == ("pass", "")
    assert dkimpy_accepts(forwarded, KEYS)
