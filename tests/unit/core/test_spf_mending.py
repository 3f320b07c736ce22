"""SPF records that receivers ignore, without the terms that are to blame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.spf_mending import costly_terms, mended_record, mending_notes
from smtpy_desktop.core.spf_record import parse_record
from smtpy_desktop.schemas.dns import SpfMending, SpfOutcome
from smtpy_desktop.schemas.text import text

OURS = "include:spf.example.net"
TERMS = st.sampled_from(
    ["a", "mx", "-all", "~all", "+all", "redirect=_spf.example.org", "redirect=other.example", "exp=why.example.org",
     "moo=x", "include:_spf.example.org", OURS, f"-{OURS}", "ip4:192.0.2.300", "+mx", "include:example.com",
     "redirect=example.com", "broken:", "a:%", "inklude:x.example", "\u2013all"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("existing", "value", "removed"),
    [
        (f"v=spf1 +mx a ptr ip4:192.0.2.300 {OURS} ~all", f"v=spf1 +mx a ptr {OURS} ~all", ("ip4:192.0.2.300",)),
        (f"v=spf1 include:Example.com. {OURS} ~all", f"v=spf1 {OURS} ~all", ("include:Example.com.",)),
        ("v=spf1 mx redirect=example.com", f"v=spf1 mx {OURS}", ("redirect=example.com",)),
        ("v=spf1 exp=a.test exp=b.test -all", f"v=spf1 exp=a.test {OURS} -all", ("exp=b.test",)),
        ("v=spf1 inklude:a.test  mx broken: -all", f"v=spf1  mx {OURS} -all", ("inklude:a.test", "broken:")),
        ("v=spf1 mx -all", f"v=spf1 mx {OURS} -all", ()),
        ("no record", f"v=spf1 {OURS} ~all", ()),
    ],
)
def test_what_is_broken_by_itself_is_taken_out(existing: str, value: str, removed: tuple[str, ...]) -> None:
    mended = mended_record(existing, OURS, domain="example.com")

    assert (mended.value, mended.removed) == (value, removed)


def test_what_the_evaluation_blames_is_taken_out_but_never_ours() -> None:
    existing = f"v=spf1 include:void.test a:nope.test {OURS} -all"

    mended = mended_record(existing, OURS, domain="example.com", offending=("include:void.test", OURS))

    assert (mended.value, mended.removed) == (f"v=spf1 a:nope.test {OURS} -all", ("include:void.test",))


@given(st.lists(TERMS, max_size=8))
def test_a_mended_record_follows_the_grammar_and_does_not_include_itself(terms: list[str]) -> None:
    mended = mended_record(" ".join(["v=spf1", *terms]), OURS, domain="example.com")

    parsed = parse_record(mended.value)
    assert "example.com" not in {term.target_text for term in parsed.mechanisms}
    assert mended_record(mended.value, OURS, domain="example.com").value == mended.value


def test_the_terms_that_need_lookups_are_listed_as_written() -> None:
    record = "v=spf1 A ip4:192.0.2.1 include:a.test exp=x.test mx/24 redirect=b.test"

    assert costly_terms(record) == ("A", "include:a.test", "mx/24", "redirect=b.test")


@pytest.mark.parametrize(
    ("mending", "said"),
    [
        (SpfMending(f"v=spf1 {OURS} ~all"), ()),
        (SpfMending(f"v=spf1 {OURS} ~all", ("x:", "include:void.test")), ("Taken out", "“x:”, “include:void.test”")),
        (
            SpfMending("", (), (SpfOutcome("192.0.2.1", "permerror", 11, 0),), (("include:a.test", 6), ("mx", 11))),
            ("10 DNS look-ups", "4.6.4", "include:a.test (6), mx (>10)", "no longer used"),
        ),
        (SpfMending("", (), (SpfOutcome("192.0.2.1", "permerror", 11, 0),)), ("10 DNS look-ups", "no longer used")),
        (
            SpfMending("", (), (SpfOutcome("192.0.2.1", "permerror", 1, 0, text("Ours has none.")),)),
            ("still be invalid", OURS, "Ours has none."),
        ),
        (SpfMending("", (), (SpfOutcome("192.0.2.1", "softfail", 1, 0),)), ("192.0.2.1 would not pass", "settings")),
    ],
)
def test_the_notes_say_what_was_done_or_what_to_do(mending: SpfMending, said: tuple[str, ...]) -> None:
    notes = "\n".join(map(str, mending_notes(mending, OURS)))

    assert bool(notes) is bool(said)
    for words in said:
        assert words in notes
