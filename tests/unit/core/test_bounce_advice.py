"""Replies of real servers are sorted into the class whose advice fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.bounce_advice import Remedy, advice_for, bounce_class_of, bounce_name, classify, classify_text
from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.schemas.messages import Attempt, DeliveryState

ATTEMPT = Attempt(datetime(2026, 1, 1, tzinfo=UTC), "mx", None, None, None, "", 1, DeliveryState.FAILED)


@pytest.mark.parametrize(
    ("code", "enhanced", "reply", "expected"),
    [
        (552, "5.2.2", "The email account that you tried to reach is over quota.", BounceClass.MAILBOX_FULL),
        (452, "4.2.2", "The recipient's inbox is out of storage space.", BounceClass.MAILBOX_FULL),
        (550, "5.1.1", "<x@y>: Recipient address rejected: User unknown", BounceClass.UNKNOWN_USER),
        (550, None, "No such user here", BounceClass.UNKNOWN_USER),
        (550, "5.2.1", "The email account that you tried to reach is disabled.", BounceClass.MAILBOX_DISABLED),
        (550, "5.7.26", "This mail is unauthenticated: DMARC policy", BounceClass.POLICY),
        (550, "5.7.1", "Message contains spam", BounceClass.CONTENT),
        (554, "5.7.1", "Service unavailable; client host blocked using zen.spamhaus.org", BounceClass.REPUTATION),
        (451, "4.7.1", "Greylisted, please try again in 300 seconds", BounceClass.GREYLISTED),
        (421, "4.7.28", "Our system has detected an unusual rate", BounceClass.RATE_LIMITED),
        (552, "5.3.4", "Message size exceeds fixed maximum message size", BounceClass.TOO_LARGE),
        (554, "5.7.1", "<x@y>: Relay access denied", BounceClass.RELAY_DENIED),
        (None, None, "Host or domain name not found", BounceClass.HOST_NOT_FOUND),
        (556, "5.1.10", "Recipient address has null MX", BounceClass.NO_MAIL_ACCEPTED),
        (None, None, "Connection refused", BounceClass.CONNECTION_REFUSED),
        (None, None, "connection timed out", BounceClass.TIMEOUT),
        (530, "5.7.0", "Must issue a STARTTLS command first", BounceClass.TLS_REQUIRED),
        (554, "5.4.6", "Too many hops", BounceClass.LOOP),
        (421, None, "Service not available, closing transmission channel", BounceClass.SERVER_BUSY),
        (550, "5.9.9", "", BounceClass.UNKNOWN_USER),
        (None, None, "", BounceClass.OTHER),
    ],
)
def test_a_reply_is_sorted_by_its_words_then_by_its_codes(
    code: int | None, enhanced: str | None, reply: str, expected: BounceClass
) -> None:
    assert classify(code, enhanced, reply) is expected


def test_codes_are_read_out_of_an_error_message() -> None:
    assert classify_text("mx1.example answered 552 5.2.2 <>") is BounceClass.MAILBOX_FULL


def test_the_stored_class_counts_before_all_others() -> None:
    attempt = replace(ATTEMPT, reply="mailbox full")

    assert bounce_class_of("greylisted", [attempt], "User unknown") is BounceClass.GREYLISTED


def test_without_a_stored_class_the_last_failed_attempt_counts() -> None:
    later = replace(ATTEMPT, at=ATTEMPT.at + timedelta(hours=1), reply="User unknown")
    sent = replace(ATTEMPT, at=ATTEMPT.at + timedelta(hours=2), outcome=DeliveryState.SENT, reply="250 ok")

    assert bounce_class_of(None, [later, replace(ATTEMPT, reply="mailbox full"), sent], None) is (
        BounceClass.UNKNOWN_USER
    )


def test_where_nothing_failed_there_is_no_advice() -> None:
    assert bounce_class_of(None, [replace(ATTEMPT, outcome=DeliveryState.SENT)], None) is None


@pytest.mark.parametrize("bounce", BounceClass)
def test_every_class_has_a_name_advice_and_a_button(bounce: BounceClass) -> None:
    advice = advice_for(bounce)

    assert str(bounce_name(bounce))
    assert str(advice.heading)
    assert str(advice.words).endswith(".")
    assert advice.remedies


def test_what_gets_better_by_itself_offers_to_retry() -> None:
    assert all(Remedy.RETRY in advice_for(one).remedies for one in BounceClass if advice_for(one).gets_better)


@given(st.text(max_size=300))
def test_any_text_has_a_class(error: str) -> None:
    assert classify_text(error) in BounceClass
