"""Where a browser may be sent back to, and what is shown and handed on of secrets."""

from __future__ import annotations

from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.return_urls import check_return_url
from smtpy_desktop.core.secret_variables import without_secrets
from smtpy_desktop.core.stripe_keys import is_loopback, shown_secret
from smtpy_desktop.errors import UserFacingError

_LETTERS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=8, max_size=120)


@given(address=st.one_of(st.text(max_size=60), st.builds("{}://{}/x".format, _LETTERS, _LETTERS)))
def test_a_browser_is_sent_back_to_https_or_this_machine_alone(address: str) -> None:
    try:
        accepted = check_return_url("STRIPE_SUCCESS_URL", address)
    except UserFacingError:
        return

    parts = urlsplit(accepted)
    assert parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


@given(kind=st.sampled_from(["sk_test_", "rk_live_", "whsec_", ""]), rest=_LETTERS)
def test_no_more_than_kind_and_four_letters_of_a_secret_are_ever_shown(kind: str, rest: str) -> None:
    shown = shown_secret(kind + rest)

    assert len(shown.removeprefix(kind)) <= len("…1234")


def test_programs_that_are_started_get_no_secret() -> None:
    environment = {"PATH": "/bin", "STRIPE_API_KEY": "k", "DATABASE_URL": "u", "stripe_webhook_secret": "w"}

    assert without_secrets(environment) == {"PATH": "/bin"}
