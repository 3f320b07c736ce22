"""Rules of our Authentication-Results: RFC 8601 words, and nothing of a message breaks out of its place."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.authentication_results import authentication_results_line, results_text
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature

FULL = AuthenticationVerdict(
    spf="fail",
    spf_domain="author.example",
    dkim=(
        DkimSignature("author.example", "s1", "pass"),
        DkimSignature("list.example", "l1", "fail", "body hash did not verify"),
    ),
    dmarc="pass",
    policy="reject",
    from_domain="author.example",
    dmarc_by="dkim",
    arc="pass",
    arc_instances=2,
)
ANYTHING = st.text(max_size=60)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def test_a_verdict_is_told_in_the_words_of_the_rfc() -> None:
    assert results_text("mx.example.net", FULL, "ada@author.example") == (
        "mx.example.net; spf=fail smtp.mailfrom=author.example; dkim=pass header.d=author.example header.s=s1;"
        ' dkim=fail reason="body hash did not verify" header.d=list.example header.s=l1;'
        " dmarc=pass (p=reject) header.from=author.example; arc=pass"
    )


def test_mail_without_anything_says_so() -> None:
    assert (
        results_text("mx.example.net", AuthenticationVerdict(), "") == "mx.example.net; spf=none; dkim=none; dmarc=none"
    )


def test_for_the_null_sender_the_name_of_the_greeting_is_told() -> None:
    verdict = AuthenticationVerdict(spf="pass", spf_domain="mail.author.example")

    assert "spf=pass smtp.helo=mail.author.example;" in results_text("mx", verdict, "")


def test_names_in_other_scripts_are_told_as_the_dns_has_them() -> None:
    verdict = AuthenticationVerdict(dkim=(DkimSignature("bücher.example", "s", "pass"),))

    assert "header.d=xn--bcher-kva.example" in results_text("mx", verdict, "")


def test_the_line_is_folded_and_ends_once() -> None:
    line = authentication_results_line("mx.example.net", FULL, "ada@author.example")

    assert line.startswith(b"Authentication-Results: mx.example.net;")
    assert line.endswith(b"\r\n")
    assert max(map(len, line.split(b"\r\n"))) <= 78


@given(domain=ANYTHING, selector=ANYTHING, reason=ANYTHING, author=ANYTHING, policy=ANYTHING, result=ANYTHING)
def test_nothing_of_a_message_breaks_out_of_its_place(domain, selector, reason, author, policy, result) -> None:
    signature = DkimSignature(domain, selector, result, reason)
    verdict = AuthenticationVerdict("pass", domain, (signature,), result, policy, author, arc=result)

    line = authentication_results_line("mx.example.net", verdict, "x@y")

    assert line.isascii()
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r\n[^ ]|\r[^\n]|[^\r]\n", line)
    entries = QUOTED.sub("", line.decode().replace("\r\n", "")).split(";")
    assert [entry.split("=")[0].strip() for entry in entries[1:4]] == ["spf", "dkim", "dmarc"]
    assert len(entries) <= 5
