"""Our mechanism in a record that somebody else wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.spf_merge import merge_mechanism
from smtpy_desktop.core.spf_record import is_spf_record

OURS = "include:spf.example.net"
TERMS = st.sampled_from(
    ["a", "mx", "-all", "~all", "+all", "?all", "ALL", "redirect=_spf.example.org", "exp=why.example.org", "moo=x",
     "include:_spf.example.org", OURS, "+Include:SPF.example.net.", f"?{OURS}", f"-{OURS}",
     "-exists:%{i}.bl.example.org", "ip4:192.0.2.0/24", "ip4:192.0.2.1", "-ip4:192.0.2.1", "~ip4:198.51.100.0/24",
     "ip4:0.0.0.0/0", "ip6:::/0", "-ip6:::/0", "broken:", "a:%", "inklude:x.example"]
)  # fmt: skip
MECHANISMS = st.lists(
    st.sampled_from([OURS, "ip4:192.0.2.1", "ip4:192.0.2.0/25", "ip6:2001:db8::1", "a:mail.example.net"]),
    min_size=1,
    unique=True,
).map(" ".join)
RECORDS = st.builds(
    lambda version, terms, gaps: version + "".join(" " * gap + term for term, gap in zip(terms, gaps, strict=False)),
    st.sampled_from(["v=spf1", "V=SPF1"]),
    st.lists(TERMS, max_size=8),
    st.lists(st.integers(1, 3), min_size=8, max_size=8),
)


@pytest.mark.parametrize(
    ("existing", "merged"),
    [
        ("v=spf1 mx -all", f"v=spf1 mx {OURS} -all"),
        ("V=SPF1  mx  ~ALL ", f"V=SPF1  mx  {OURS} ~ALL "),
        ("v=spf1", f"v=spf1 {OURS}"),
        ("v=spf1 a mx ", f"v=spf1 a mx {OURS}"),
        ("v=spf1 redirect=_spf.example.org", f"v=spf1 {OURS} redirect=_spf.example.org"),
        ("v=spf1 exp=why.example.org a -all", f"v=spf1 exp=why.example.org a {OURS} -all"),
        ("v=spf1 a -exists:%{i}.bl.example.org -all", f"v=spf1 a {OURS} -exists:%{{i}}.bl.example.org -all"),
        ("v=spf1 ?include:other.example -all", f"v=spf1 {OURS} ?include:other.example -all"),
        ("v=spf1 +all", f"v=spf1 {OURS} +all"),
        ("v=spf1 ip4:0.0.0.0/0 -all", f"v=spf1 {OURS} ip4:0.0.0.0/0 -all"),
        (f"v=spf1 -all {OURS}", f"v=spf1 {OURS} -all"),
        (f"v=spf1 ?{OURS} -all", f"v=spf1 {OURS} -all"),
        (f"v=spf1 a -{OURS} mx ~all", f"v=spf1 a mx {OURS} ~all"),
    ],
)
def test_ours_is_put_where_it_takes_effect(existing: str, merged: str) -> None:
    assert merge_mechanism(existing, OURS) == merged


@pytest.mark.parametrize(
    "existing",
    [
        f"v=spf1 {OURS} -all",
        "v=spf1 +INCLUDE:Spf.Example.Net. -all",
        f"v=spf1 mx  {OURS}  redirect=_spf.example.org ",
        f"v=spf1 ?include:other.example {OURS} -all",
    ],
)
def test_a_record_that_has_ours_is_left_alone(existing: str) -> None:
    assert merge_mechanism(existing, OURS) == existing


def test_an_address_within_a_network_of_the_record_is_there_already() -> None:
    existing = "v=spf1 ip4:192.0.2.0/24 -all"

    assert merge_mechanism(existing, "ip4:192.0.2.1") == existing
    assert merge_mechanism(existing, "ip4:192.0.0.0/16") == "v=spf1 ip4:192.0.2.0/24 ip4:192.0.0.0/16 -all"


def test_an_address_that_the_record_fails_first_is_moved_before_that() -> None:
    merged = merge_mechanism("v=spf1 a -ip4:192.0.2.0/24 ip4:192.0.2.1 -all", "ip4:192.0.2.1")

    assert merged == "v=spf1 a ip4:192.0.2.1 -ip4:192.0.2.0/24 -all"


def test_only_what_is_missing_is_added_and_in_our_order() -> None:
    merged = merge_mechanism(f"v=spf1 {OURS} ~all", f"ip4:192.0.2.1 {OURS} ip6:2001:db8::1")

    assert merged == f"v=spf1 {OURS} ip4:192.0.2.1 ip6:2001:db8::1 ~all"


def test_a_text_that_is_no_spf_record_gives_the_plain_one() -> None:
    assert merge_mechanism("google-site-verification=x", OURS) == f"v=spf1 {OURS} ~all"


@given(RECORDS, MECHANISMS)
def test_merging_again_changes_nothing(existing: str, mechanisms: str) -> None:
    merged = merge_mechanism(existing, mechanisms)

    assert is_spf_record(merged)
    assert merge_mechanism(merged, mechanisms) == merged


@given(RECORDS, MECHANISMS)
def test_the_terms_of_others_are_all_kept_in_their_order(existing: str, mechanisms: str) -> None:
    ours = {mechanism.lower() for mechanism in mechanisms.split()}

    def of_others(record: str) -> list[str]:
        terms = (term for term in record.split() if term)
        return [term for term in terms if term.lower().lstrip("+-~?").removesuffix(".") not in ours]

    assert of_others(merge_mechanism(existing, mechanisms)) == of_others(existing)


@given(RECORDS, MECHANISMS)
def test_no_term_is_added_twice(existing: str, mechanisms: str) -> None:
    merged = merge_mechanism(existing, mechanisms).split()

    for mechanism in mechanisms.split():
        assert merged.count(mechanism) <= max(1, existing.split().count(mechanism))
