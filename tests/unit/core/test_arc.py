"""Rules of ARC chains: validated as dkimpy does it, added to where that is allowed, ended where it is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.arc_chain import MOST_SETS, ArcState
from smtpy_desktop.core.arc_set import ArcSigner, arc_set
from smtpy_desktop.core.dkim_private_key import signer_of
from smtpy_desktop.core.dkim_verification import SignedMessage
from tests.helpers.mail_corpus import corpus, corpus_keys, corpus_mail
from tests.helpers.signatures import judge, judge_chain
from tests.helpers.signing import SigningKey, dkimpy_accepts, dkimpy_on_chain

KEY = SigningKey("alias.example", "smtpy1")
SIGNER = ArcSigner("alias.example", "smtpy1", signer_of(KEY.pair.private_key))
KEYS = {KEY.name: KEY.record, **corpus_keys()}
RESULTS = "mx.alias.example; spf=pass smtp.mailfrom=author.example; dkim=none; dmarc=pass header.from=author.example"
PLAIN = corpus_mail("plain")
NO_FIELDS = ("blank-before-the-colon", "lines-that-are-no-header")
"""What dkimpy refuses to read at all."""


def sealed(raw: bytes, state: ArcState | None = None) -> bytes:
    """Put our set on top of a message, after a look at its chain."""
    state = state or judge_chain(raw, KEYS)
    return arc_set(SignedMessage(raw), state, RESULTS, SIGNER, now=int(time.time())) + raw


@pytest.mark.parametrize("mail", corpus(), ids=lambda mail: mail.name)
def test_a_sealed_message_validates_here_and_with_dkimpy_whatever_it_looks_like(mail) -> None:
    before = judge_chain(mail.raw, KEYS)

    after = judge_chain(sealed(mail.raw), KEYS)

    if before.result == "fail":
        assert after.result == "fail"
    elif mail.name != "no-from":  # a signature without an author signs nothing
        assert (after.result, after.highest) == ("pass", before.highest + 1)
        assert mail.name in NO_FIELDS or dkimpy_on_chain(sealed(mail.raw), KEYS) == "pass"


def test_two_hops_through_us_leave_a_chain_of_two() -> None:
    first = b"Received: by us\r\nDelivered-To: shop@alias.example\r\n" + sealed(PLAIN)
    second = b"Received: by us\r\nDelivered-To: other@alias.example\r\n" + sealed(first)

    assert judge_chain(second, KEYS) == ArcState("pass", 2)
    assert dkimpy_on_chain(second, KEYS) == "pass"
    assert b"cv=none" in first
    assert b"i=2; a=rsa-sha256; t=" in second
    assert second.count(b"cv=pass") == 1


def test_a_chain_of_others_goes_on_with_ours() -> None:
    raw = sealed(corpus_mail("arc-two"))

    assert judge_chain(raw, KEYS) == ArcState("pass", 3)
    assert dkimpy_on_chain(raw, KEYS) == "pass"


def test_a_failed_chain_gets_one_last_seal_and_no_other() -> None:
    once = sealed(corpus_mail("arc-changed-on-the-way"))
    twice = sealed(once)

    assert b"i=2; a=rsa-sha256; t=" in once
    assert b"cv=fail" in once
    assert judge_chain(once, KEYS).has_ended
    assert dkimpy_on_chain(once, KEYS) == "ended"
    assert twice == once


@pytest.mark.parametrize(
    "state",
    [
        ArcState("temperror", 1),
        ArcState("fail", 2, has_ended=True),
        ArcState("pass", MOST_SETS),
        ArcState("fail", MOST_SETS),
    ],
    ids=["unknown", "ended", "full", "full and failed"],
)
def test_nothing_is_added_where_nothing_may_be(state: ArcState) -> None:
    assert arc_set(SignedMessage(PLAIN), state, RESULTS, SIGNER, now=0) == b""


def test_fifty_sets_are_a_chain_and_the_fiftieth_is_the_last() -> None:
    raw = PLAIN
    for _ in range(MOST_SETS):
        raw = sealed(raw)

    assert judge_chain(raw, KEYS) == ArcState("pass", MOST_SETS)
    assert sealed(raw) == raw


def lines_of(raw: bytes, name: bytes) -> bytes:
    """The first field of that name."""
    start = raw.index(name)
    end = raw.index(b"\r\n", start)
    while raw[end + 2 : end + 3] in (b" ", b"\t"):
        end = raw.index(b"\r\n", end + 2)
    return raw[start : end + 2]


@pytest.mark.parametrize("name", [b"ARC-Seal", b"ARC-Message-Signature", b"ARC-Authentication-Results"])
@pytest.mark.parametrize("change", ["removed", "doubled", "renumbered", "emptied", "garbled"])
def test_a_chain_that_somebody_worked_on_fails(name: bytes, change: str) -> None:
    raw = sealed(sealed(PLAIN))
    field = lines_of(raw, name + b": i=2")
    changed = {
        "removed": b"",
        "doubled": field + field,
        "renumbered": field.replace(b"i=2", b"i=3", 1),
        "emptied": name + b":\r\n",
        "garbled": field.replace(b"i=2", b"i=2; i=2", 1)
        if name != b"ARC-Authentication-Results"
        else field.replace(b"i=2", b"i=x"),
    }[change]

    assert judge_chain(raw.replace(field, changed), KEYS).result == "fail"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"cv=pass", b"cv=none"),
        (b"cv=none", b"cv=pass"),
        (b"cv=pass", b"cv=maybe"),
        (b"cv=pass", b"cv=pass; h=from"),
        (b"spf=pass", b"spf=fail"),
        (b"ten of them", b"all of them"),
        (b"Subject: An", b"Subject: Another"),
        (b"d=alias.example", b"d=other.example"),
        (b"h=from:", b"h=arc-seal: from:"),
    ],
)
def test_no_part_of_a_sealed_message_can_be_changed(old: bytes, new: bytes) -> None:
    raw = sealed(sealed(PLAIN))

    assert judge_chain(raw.replace(old, new, 1), KEYS).result == "fail"


def test_lines_on_top_change_nothing_and_a_second_author_does() -> None:
    raw = sealed(PLAIN)

    assert (
        judge_chain(b"Received: x\r\nX-Spam: no\r\nAuthentication-Results: y; spf=none\r\n" + raw, KEYS).result
        == "pass"
    )
    assert judge_chain(b"From: boss@bank.example\r\n" + raw, KEYS).result == "fail"


@pytest.mark.parametrize("instances", [b"0", b"51", b"99999999999999999999", b"-1", b"1.5", b"", b"x"])
def test_odd_instances_are_a_failed_chain_or_none(instances: bytes) -> None:
    fields = b"".join(name + b": i=" + instances + b"; a=b\r\n" for name in (b"ARC-Seal", b"ARC-Message-Signature"))

    state = judge_chain(fields + PLAIN, KEYS)

    assert (state.result, bool(state.highest)) in [("none", False), ("fail", True)]
    assert sealed(fields + PLAIN).endswith(fields + PLAIN)


@given(
    value=st.binary(max_size=120),
    name=st.sampled_from([b"ARC-Seal", b"ARC-Message-Signature", b"ARC-Authentication-Results"]),
)
def test_any_arc_field_is_judged_and_never_raises(value: bytes, name: bytes) -> None:
    field = name + b": i=1; " + value.replace(b"\r", b"").replace(b"\n", b"") + b"\r\n"

    assert judge_chain(field + sealed(PLAIN), KEYS).result == "fail"


@pytest.mark.parametrize(
    "mail", [mail for mail in corpus() if mail.name.startswith("dkim-")], ids=lambda mail: mail.name
)
def test_a_seal_leaves_the_authors_signature_as_it_was(mail) -> None:
    raw = sealed(mail.raw)

    assert judge(raw, KEYS) == judge(mail.raw, KEYS)
    assert dkimpy_accepts(raw, KEYS) == dkimpy_accepts(mail.raw, KEYS)


def test_no_line_of_a_set_is_longer_than_a_line_may_be() -> None:
    head = b"".join(b"Reply-To: x\r\nDKIM-Signature: x\r\nList-Id: x\r\n" for _ in range(200))

    added = arc_set(SignedMessage(head + PLAIN), ArcState("none"), RESULTS, SIGNER, now=1)

    assert added.endswith(b"\r\n")
    assert max(map(len, added.split(b"\r\n"))) <= 100
    assert judge_chain(added + head + PLAIN, KEYS).result == "pass"
