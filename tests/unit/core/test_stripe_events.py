"""An event is read from whatever comes: it is an event, or a sentence says why it is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.stripe_events import parse_event, read_event
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.billing import StripeEvent

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = ("id", "object", "type", "created", "livemode", "data")


def event(**changed: Any) -> dict[str, Any]:
    """Return a good event, changed."""
    about = {"id": "sub_1", "object": "subscription", "customer": "cus_1"}
    content = {
        "id": "evt_1",
        "object": "event",
        "type": "customer.subscription.updated",
        "created": 1_790_000_000,
        "livemode": False,
        "data": {"object": about},
    }
    return content | changed


def outcome(content: Any) -> StripeEvent | str:
    """Return the event, or the code of the sentence."""
    try:
        return parse_event(json.dumps(content).encode())
    except UserFacingError as error:
        return error.code


def test_an_event_names_its_object_and_customer():
    found = read_event(event())

    assert (found.id, found.type, found.object_type, found.object_id) == (
        "evt_1",
        "customer.subscription.updated",
        "subscription",
        "sub_1",
    )
    assert found.customer_id == "cus_1"
    assert found.created_at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert found.payload == event()


@pytest.mark.parametrize(
    ("about", "customer"),
    [
        ({"id": "cus_2", "object": "customer"}, "cus_2"),
        ({"id": "in_1", "object": "invoice", "customer": {"id": "cus_3"}}, "cus_3"),
        ({"id": "prod_1", "object": "product"}, None),
        ({"id": "in_1", "object": "invoice", "customer": 7}, None),
    ],
)
def test_whose_event_it_is_depends_on_the_object(about, customer):
    assert read_event(event(data={"object": about})).customer_id == customer


def test_an_object_without_an_id_is_read_all_the_same():
    assert read_event(event(data={"object": {"object": "balance"}})).object_id == ""


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b'"event"', b"[]"])
def test_what_is_no_object_is_no_event(body):
    with pytest.raises(UserFacingError) as caught:
        parse_event(body)

    assert caught.value.code == "EVENT_MALFORMED"


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ""},
        {"id": "x" * 256},
        {"id": "evt\n1"},
        {"id": None},
        {"type": 7},
        {"created": True},
        {"created": -1},
        {"created": 2**35},
        {"created": "1790000000"},
        {"data": None},
        {"data": {"object": []}},
        {"data": {"object": {"id": "a"}}},
        {"object": "list"},
    ],
)
def test_an_event_with_a_bad_field_is_refused(changed):
    assert outcome(event(**changed)) == "EVENT_MALFORMED"


def test_a_thin_event_is_refused_with_its_own_sentence():
    assert outcome({"id": "evt_1", "object": "v2.core.event", "type": "a"}) == "EVENT_THIN"


@given(ANYTHING)
def test_any_json_is_an_event_or_a_sentence(content):
    assert isinstance(outcome(content), StripeEvent | str)


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=3))
def test_an_event_with_anything_in_its_fields_is_an_event_or_a_sentence(changed):
    found = outcome(event(**changed))

    assert isinstance(found, str) or (0 < len(found.id) <= 255 and found.id.isprintable())


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_a_sentence(body):
    with pytest.raises(UserFacingError):
        parse_event(body)
