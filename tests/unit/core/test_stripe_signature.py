"""Stripe's signatures: judged as Stripe's own library does, but for times in the future and headers said twice."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.stripe_signature import judge_signature, sign
from smtpy_desktop.schemas.webhook_events import SignatureVerdict

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BODY = b'{"id": "evt_1", "object": "event"}'
SECRET = "whsec_trial0000000000000000000000"
VALID, WRONG, MALFORMED = SignatureVerdict.VALID, SignatureVerdict.WRONG, SignatureVerdict.MALFORMED
BODIES = st.text().map(str.encode)


def _library_accepts(body: bytes, header: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body.decode(), header, secret, tolerance=300))
    except stripe.SignatureVerificationError:
        return False


@given(BODIES, st.integers(-290, 290))
def test_what_we_sign_stripes_library_accepts_and_so_do_we(body: bytes, age: int) -> None:
    now = datetime.fromtimestamp(time.time(), UTC)
    header = sign(body, SECRET, now - timedelta(seconds=age))

    assert _library_accepts(body, header, SECRET)
    assert judge_signature(body, header, [SECRET], now) is VALID


@given(BODIES, st.binary(min_size=1, max_size=64).map(bytes.hex))
def test_what_stripes_library_signs_we_accept(body: bytes, token: str) -> None:
    secret = f"whsec_{token}"
    moment = int(NOW.timestamp())
    signature = stripe.WebhookSignature._compute_signature(f"{moment}.{body.decode()}", secret)

    assert judge_signature(body, f"t={moment},v1={signature}", [secret], NOW) is VALID


@given(st.text(max_size=200), BODIES)
def test_no_header_at_random_is_accepted_by_either(header: str, body: bytes) -> None:
    verdict = judge_signature(body, header, [SECRET], NOW)

    assert not verdict.is_genuine
    assert not _library_accepts(body, header, SECRET)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_one_altered_byte_is_wrong(place: int, change: int) -> None:
    altered = BODY[:place] + bytes([BODY[place] ^ change]) + BODY[place + 1 :]

    assert judge_signature(altered, sign(BODY, SECRET, NOW), [SECRET], NOW) is WRONG


@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (300, VALID),
        (299, VALID),
        (-299, VALID),
        (-300, VALID),
        (301, SignatureVerdict.TOO_OLD),
        (-301, SignatureVerdict.TOO_NEW),
        (-10_000_000, SignatureVerdict.TOO_NEW),
    ],
)
def test_a_signature_holds_for_five_minutes_in_both_directions(age: int, verdict: SignatureVerdict) -> None:
    assert judge_signature(BODY, sign(BODY, SECRET, NOW - timedelta(seconds=age)), [SECRET], NOW) is verdict


def test_who_does_not_know_the_secret_is_not_told_about_the_time() -> None:
    header = sign(BODY, "whsec_foreign", NOW - timedelta(days=1))

    assert judge_signature(BODY, header, [SECRET], NOW) is WRONG


def test_each_secret_and_each_signature_of_a_rotation_is_tried() -> None:
    old, new = sign(BODY, "whsec_old", NOW), sign(BODY, "whsec_new", NOW)
    both = f"{old},{new.partition(',')[2]}"

    assert judge_signature(BODY, old, ["whsec_new", "whsec_old"], NOW) is VALID
    assert judge_signature(BODY, both, ["whsec_new"], NOW) is VALID
    assert judge_signature(BODY, both, ["whsec_other"], NOW) is WRONG


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        (None, SignatureVerdict.MISSING),
        ("", SignatureVerdict.MISSING),
        ("  ", SignatureVerdict.MISSING),
        ("t=1", MALFORMED),
        ("v1=" + "0" * 64, MALFORMED),
        ("t=,v1=" + "0" * 64, MALFORMED),
        ("t=-5,v1=" + "0" * 64, MALFORMED),
        ("t=1e9,v1=" + "0" * 64, MALFORMED),
        ("t=٤٢,v1=" + "0" * 64, MALFORMED),
        ("t=1,v1=" + "0" * 63, MALFORMED),
        ("t=1,v0=" + "0" * 64, MALFORMED),
        ("t=1,t=1,v1=" + "0" * 64, MALFORMED),
        ("t=1,v1=" + "0" * 64 + "," * 5000, MALFORMED),
    ],
)
def test_a_header_that_says_nothing_clear_is_told_apart(header: str | None, verdict: SignatureVerdict) -> None:
    assert judge_signature(BODY, header, [SECRET], NOW) is verdict


def test_scheme_v0_is_never_enough() -> None:
    header = sign(BODY, SECRET, NOW).replace("v1=", "v0=")

    assert judge_signature(BODY, header, [SECRET], NOW) is MALFORMED


def test_without_a_secret_nothing_is_genuine() -> None:
    assert judge_signature(BODY, sign(BODY, "", NOW), [], NOW) is SignatureVerdict.NO_SECRET
