"""Stripe's keys are known by their looks: what can be one, whether it moves money, and where it may be sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.stripe_keys import check_api_base, is_live_key, parse_api_key, parse_webhook_secrets
from smtpy_desktop.errors import FieldError, UserFacingError

KEY = "abcdefgh12345678"


@pytest.mark.parametrize("prefix", ["sk_test_", "sk_live_", "rk_test_", "rk_live_", "sk_org_live_"])
def test_secret_and_restricted_keys_are_taken_as_they_were_meant(prefix):
    assert parse_api_key(f' "{prefix}{KEY}"\n') == f"{prefix}{KEY}"
    assert is_live_key(f"{prefix}{KEY}") == ("live" in prefix)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (f"pk_test_{KEY}", "publishable"),
        (f"whsec_{KEY}", "webhook secret"),
        ("", "no secret key"),
        ("sk_test_", "no secret key"),
        (f"sk_prod_{KEY}", "no secret key"),
        (f"sk_test_{KEY} {KEY}", "no secret key"),
        (f"sk_test_{KEY}é", "no secret key"),
    ],
)
def test_what_is_no_key_is_said_to_be_what_it_is(typed, words):
    with pytest.raises(FieldError, match=words) as caught:
        parse_api_key(typed)

    assert caught.value.field == "api_key"
    assert KEY not in str(caught.value)


@given(st.text())
def test_whatever_is_typed_is_a_key_or_a_sentence_and_never_live_by_chance(typed):
    try:
        key = parse_api_key(typed)
    except FieldError:
        assert not is_live_key(typed)
    else:
        assert key in typed


def test_webhook_secrets_keep_their_order_and_are_named_once():
    typed = f"whsec_{KEY}1, whsec_{KEY}2\nwhsec_{KEY}1"

    assert parse_webhook_secrets(typed) == (f"whsec_{KEY}1", f"whsec_{KEY}2")
    assert parse_webhook_secrets("  ") == ()


def test_one_bad_webhook_secret_spoils_all():
    with pytest.raises(FieldError) as caught:
        parse_webhook_secrets(f"whsec_{KEY}, sk_test_{KEY}")

    assert caught.value.code == "STRIPE_WEBHOOK_SECRET_FORM"


@pytest.mark.parametrize(
    "address", ["https://stripe.example/", "http://127.0.0.1:1234", "http://localhost:1", "http://[::1]:5"]
)
def test_keys_go_to_https_or_to_this_machine(address):
    assert check_api_base(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address", ["http://stripe.example", "ftp://127.0.0.1", "127.0.0.1:80", "https://", "http://localhost.evil.example"]
)
def test_keys_go_nowhere_else(address):
    with pytest.raises(UserFacingError) as caught:
        check_api_base(address)

    assert caught.value.code == "STRIPE_API_BASE"
