"""Wrong records of which it can be said what was done wrong, as people really publish them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.near_miss import WILDCARD_PREFIX, explain, probe_questions
from smtpy_desktop.core.one_letter import one_letter
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question, RecordKind, RecordReport, SpfOutcome, Verdict
from tests.helpers.dns_evidence import (
    DKIM,
    IDENTITY,
    KEY,
    SPF,
    TOKEN,
    WANTED,
    evidence,
    failed,
    found,
    probe,
    verdict_on,
    warnings_of,
)

DMARC = IDENTITY.dmarc
MX, OWNERSHIP = RecordKind.MX, RecordKind.OWNERSHIP


def assert_named(report: RecordReport, code: DnsCode, *said: str) -> None:
    assert (report.verdict, report.code) == (Verdict.WRONG, code), str(report.reason)
    for words in said:
        assert words in str(report.reason)


@pytest.mark.parametrize(
    ("kind", "values", "code", "said"),
    [
        # Quotation marks published with the value
        (RecordKind.DMARC, (f'"{DMARC}"',), DnsCode.NEAR_QUOTES, "RFC 1035 section 5.1"),
        (RecordKind.SPF, (f'"{SPF}"',), DnsCode.NEAR_QUOTES, SPF),
        (RecordKind.DKIM, (f'"{DKIM[:200]}" "{DKIM[200:]}"',), DnsCode.NEAR_QUOTES, "quotation marks"),
        (OWNERSHIP, (f'"{TOKEN}"', "other"), DnsCode.NEAR_QUOTES, TOKEN),
        (OWNERSHIP, (f"'{TOKEN}'",), DnsCode.NEAR_QUOTES, TOKEN),
        # Typography
        (RecordKind.DMARC, (f"\u201c{DMARC}\u201d",), DnsCode.NEAR_TYPOGRAPHY, "U+201C LEFT DOUBLE QUOTATION MARK"),
        (RecordKind.DMARC, (f"\\226\\128\\156{DMARC}\\226\\128\\157",), DnsCode.NEAR_TYPOGRAPHY, "U+201C"),
        (RecordKind.DMARC, (f"â\x80\x9c{DMARC}â\x80\x9d",), DnsCode.NEAR_TYPOGRAPHY, "U+201C"),
        (RecordKind.SPF, (SPF.replace(" ", "\u00a0"),), DnsCode.NEAR_TYPOGRAPHY, "U+00A0 NO-BREAK SPACE"),
        (RecordKind.DKIM, (DKIM.replace(" p=", "\u00a0p="),), DnsCode.NEAR_TYPOGRAPHY, "U+00A0"),
        (RecordKind.DKIM, (DKIM.replace("p=", "p=\u200b"),), DnsCode.NEAR_TYPOGRAPHY, "U+200B"),
        (OWNERSHIP, (TOKEN.replace("-", "\u2013"),), DnsCode.NEAR_TYPOGRAPHY, "EN DASH"),
        (RecordKind.DMARC, (DMARC.replace(";", "；"),), DnsCode.NEAR_TYPOGRAPHY, "SEMICOLON"),
        # Escapes of zone files
        (RecordKind.DMARC, (DMARC.replace(";", "\\;"),), DnsCode.NEAR_ESCAPES, "backslashes"),
        (RecordKind.DKIM, (DKIM.replace(";", "\\;"),), DnsCode.NEAR_ESCAPES, "RFC 1035"),
        # Whole lines
        (RecordKind.DMARC, (f'_dmarc 3600 IN TXT "{DMARC}"',), DnsCode.NEAR_ZONE_LINE, DMARC),
        (RecordKind.DKIM, (f"TXT {DKIM}",), DnsCode.NEAR_ZONE_LINE, "More than the value"),
        (RecordKind.SPF, (f"TXT={SPF}",), DnsCode.NEAR_ZONE_LINE, SPF),
        (OWNERSHIP, (f"_smtpy-challenge {TOKEN}",), DnsCode.NEAR_ZONE_LINE, TOKEN),
        # Blanks
        (RecordKind.SPF, (f" {SPF}",), DnsCode.NEAR_BLANKS, "blank"),
        (RecordKind.SPF, ("v=spf1 include:spf.exam ple.net ~all",), DnsCode.NEAR_BLANKS, "RFC 7208 section 3.3"),
        (RecordKind.DMARC, (DMARC.replace("quarantine", "quaran tine"),), DnsCode.NEAR_BLANKS, "quaran tine"),
        (OWNERSHIP, (f"{TOKEN[:25]} {TOKEN[25:]}",), DnsCode.NEAR_BLANKS, TOKEN),
        (OWNERSHIP, (f"{TOKEN[:10]} {TOKEN[10:25]} {TOKEN[25:]}",), DnsCode.NEAR_BLANKS, TOKEN),
        # Pieces and cuts
        (RecordKind.DKIM, (DKIM[:255], DKIM[255:]), DnsCode.NEAR_SPLIT_RECORDS, "2 TXT records"),
        (RecordKind.DKIM, (DKIM[255:], DKIM[:255]), DnsCode.NEAR_SPLIT_RECORDS, "RFC 6376 section 3.6.2.2"),
        (RecordKind.DKIM, (DKIM[:255],), DnsCode.NEAR_TRUNCATED, "cut after 255 letters"),
        (RecordKind.DKIM, (DKIM[:-4],), DnsCode.NEAR_TRUNCATED, DKIM[-4:]),
        (RecordKind.DKIM, (f"v=DKIM1;k=rsa;p={KEY[:300]}",), DnsCode.NEAR_TRUNCATED, "end of the value is missing"),
        (RecordKind.DKIM, (DKIM[255:],), DnsCode.NEAR_TRUNCATED, "beginning of the value is missing"),
        (RecordKind.DMARC, ("v=DMARC1; p=quar",), DnsCode.NEAR_TRUNCATED, "antine"),
        (OWNERSHIP, (TOKEN[:-3],), DnsCode.NEAR_TRUNCATED, TOKEN[-3:]),
        # One letter
        (RecordKind.SPF, ("v=spf1 include:spf.exmple.net ~all",), DnsCode.NEAR_TYPO, "the “a” after “clude:spf.ex”"),
        (RecordKind.SPF, ("v=spf1 mx include:spf.exampel.net -all",), DnsCode.NEAR_TYPO, "swapped"),
        (RecordKind.SPF, ("v=sfp1 include:spf.example.net ~all",), DnsCode.NEAR_TYPO, "v=sfp1"),
        (RecordKind.DMARC, (DMARC.replace("quarantine", "quarentine"),), DnsCode.NEAR_TYPO, "“a” instead of “e”"),
        (RecordKind.DMARC, ("v=DMARC1; p=quarentine",), DnsCode.NEAR_TYPO, "quarentine"),
        (RecordKind.DKIM, (DKIM.replace("DKIM1", "DKlM1"),), DnsCode.NEAR_TYPO, "“I” instead of “l”"),
        (RecordKind.DKIM, (DKIM[:200] + DKIM[201:],), DnsCode.NEAR_TYPO, "One letter is missing"),
        (RecordKind.DKIM, (f"p={KEY[:200]}x{KEY[200:]}",), DnsCode.NEAR_TYPO, "too many: “"),
        (OWNERSHIP, (TOKEN.replace("0f1e", "Of1e"),), DnsCode.NEAR_TYPO, "“0” instead of “O”"),
        # Case, where it matters
        (OWNERSHIP, (TOKEN.upper(),), DnsCode.NEAR_CASE, "Upper and lower case"),
        (RecordKind.DKIM, (f"v=DKIM1; k=rsa; p={KEY.lower()}",), DnsCode.NEAR_CASE, "matter here"),
    ],
)  # fmt: skip
def test_a_value_that_is_nearly_right_is_explained(
    kind: RecordKind, values: tuple[str, ...], code: DnsCode, said: str
) -> None:
    report = verdict_on(kind, found(*values))

    assert_named(report, code, said)


def test_the_missing_letter_of_a_mistyped_exchanger_is_pointed_out() -> None:
    slip = one_letter("fowardemail.net", "forwardemail.net")

    assert slip is not None
    assert str(slip.describe("fowardemail.net", "forwardemail.net")) == (
        "One letter is missing: “fowardemail.net” is published, “forwardemail.net” is wanted: the “r” after “fo”."
    )


@pytest.mark.parametrize(
    ("found_value", "end"),
    [
        ("x1", "the “m” at the beginning."),
        ("-mx1", "without the “-” at the beginning."),
        ("xm1", "“mx” at the beginning."),
        ("nx1", "“m” instead of “n” at the beginning."),
    ],
)
def test_a_slip_in_the_first_letter_is_placed_at_the_beginning(found_value: str, end: str) -> None:
    slip = one_letter(found_value, "mx1")

    assert slip is not None
    assert str(slip.describe(found_value, "mx1")).endswith(end)


@pytest.mark.parametrize(("qualifier", "result"), [("-", "fail"), ("~", "softfail"), ("?", "neutral")])
def test_our_mechanism_with_another_qualifier_is_explained(qualifier: str, result: str) -> None:
    report = verdict_on(RecordKind.SPF, found(f"v=spf1 {qualifier}include:spf.example.net ~all"))

    assert_named(
        report,
        DnsCode.NEAR_QUALIFIER,
        f"“{qualifier}include:spf.example.net” is published",
        f"“{result}”",
        "RFC 7208 section 4.6.2",
        "Replace it by include:spf.example.net.",
    )


@pytest.mark.parametrize(
    ("values", "code", "said"),
    [
        (("10 mx1.example.net.example.com.",), DnsCode.NEAR_TRAILING_DOT, "Enter mx1.example.net. with the dot"),
        (("10 MX1.example.net.Example.COM.",), DnsCode.NEAR_TRAILING_DOT, "RFC 1035 section 5.1"),
        (("10 mx1.exmaple.net.", "20 mx2.example.net."), DnsCode.NEAR_TYPO, "swapped"),
        (("10 192.0.2.1.",), DnsCode.NEAR_MX_ADDRESS, "IP address 192.0.2.1"),
        (("10 10\\032mx1.example.net.",), DnsCode.NEAR_MX_PRIORITY, "second time"),
    ],
)
def test_an_exchanger_that_is_nearly_ours_is_explained(values: tuple[str, ...], code: DnsCode, said: str) -> None:
    report = verdict_on(MX, found(*values))

    assert_named(report, code, said)


def test_one_of_ours_is_not_taken_for_a_typo_of_the_other() -> None:
    report = verdict_on(MX, found("10 mx1.example.net."))

    assert report.code == DnsCode.MX_MISSING


def test_an_exchanger_that_is_an_alias_of_ours_is_explained() -> None:
    probes = probe("mail.example.com", "CNAME", "mx1.example.net.")

    report = verdict_on(MX, found("10 mail.example.com."), probes=probes)

    assert_named(report, DnsCode.NEAR_MX_ALIAS, "mail.example.com", "enter mx1.example.net. itself", "RFC 2181")


@pytest.mark.parametrize(
    ("kind", "name", "type_", "values", "code", "said"),
    [
        (RecordKind.DMARC, "_dmarc.example.com.example.com", "TXT", (DMARC,), DnsCode.NEAR_DOUBLED_SUFFIX, "“_dmarc”"),
        (RecordKind.DKIM, "s1._domainkey.example.com.example.com", "TXT", (DKIM,), DnsCode.NEAR_DOUBLED_SUFFIX,
         "“s1._domainkey”"),
        (RecordKind.SPF, "example.com.example.com", "TXT", (SPF,), DnsCode.NEAR_DOUBLED_SUFFIX, "“@”"),
        (MX, "example.com.example.com", "MX", ("10 mx1.example.net.", "20 mx2.example.net."),
         DnsCode.NEAR_DOUBLED_SUFFIX, "“@”"),
        (RecordKind.DMARC, "example.com", "TXT", ("v=spf1 -all", DMARC), DnsCode.NEAR_WRONG_NAME, "_dmarc.example.com"),
        (RecordKind.DMARC, "dmarc.example.com", "TXT", (DMARC,), DnsCode.NEAR_WRONG_NAME, "at dmarc.example.com"),
        (RecordKind.DKIM, "_domainkey.example.com", "TXT", (DKIM,), DnsCode.NEAR_WRONG_NAME, "at _domainkey.example"),
        (RecordKind.DKIM, "s1.example.com", "TXT", (DKIM,), DnsCode.NEAR_WRONG_NAME, "at s1.example.com"),
        (OWNERSHIP, "example.com", "TXT", (TOKEN,), DnsCode.NEAR_WRONG_NAME, "_smtpy-challenge.example.com"),
        (OWNERSHIP, "smtpy-challenge.example.com", "TXT", (TOKEN,), DnsCode.NEAR_WRONG_NAME, "at smtpy-challenge."),
        (RecordKind.SPF, "www.example.com", "TXT", (SPF,), DnsCode.NEAR_WRONG_NAME, "at www.example.com"),
        (MX, "example.com", "TXT", ("10 mx1.example.net",), DnsCode.NEAR_WRONG_TYPE, "MX record"),
        (RecordKind.DMARC, "_dmarc.example.com", "CNAME", ("x.test.",), DnsCode.NEAR_CNAME, "RFC 1034 section 3.6.2"),
    ],
)  # fmt: skip
def test_a_record_put_elsewhere_is_found_there(
    kind: RecordKind, name: str, type_: str, values: tuple[str, ...], code: DnsCode, said: str
) -> None:
    known = evidence(kind, failed(AnswerState.NO_NAME))

    questions = probe_questions(known, wanted=WANTED[kind], random_label="q7")
    report = verdict_on(kind, failed(AnswerState.NO_NAME), probes=probe(name, type_, *values))

    assert Question(name, type_) in questions
    assert_named(report, code, said, "example.com")


def test_a_wildcard_that_answers_for_everything_is_named() -> None:
    known = evidence(RecordKind.DMARC, found("v=spf1 -all"))
    name = f"{WILDCARD_PREFIX}q7.example.com"

    questions = probe_questions(known, random_label="q7")
    report = verdict_on(RecordKind.DMARC, found("v=spf1 -all"), probes=probe(name, "TXT", "v=spf1 -all"))

    assert Question(name, "TXT") in questions
    assert_named(report, DnsCode.NEAR_WILDCARD, "wildcard", "RFC 4592")


def test_no_wildcard_is_looked_for_in_a_top_level_domain() -> None:
    questions = probe_questions(evidence(MX, failed(AnswerState.EMPTY)), wanted=WANTED[MX], random_label="q7")

    assert not [question for question in questions if question.name.startswith(WILDCARD_PREFIX)]


def test_an_alias_is_no_mistake_and_a_wrong_record_behind_it_is_explained_there() -> None:
    misordered = f"k=rsa; p={KEY}; v=DKIM1 ;"

    revoked = verdict_on(RecordKind.DKIM, found("v=DKIM1; p=", chain=("key.other.test.",)))
    syntax = verdict_on(RecordKind.DKIM, found(misordered, chain=("a.test.", "key.other.test.")))

    assert (revoked.code, syntax.code) == (DnsCode.DKIM_REVOKED, DnsCode.DKIM_SYNTAX)
    assert "first tag" in str(syntax.reason)
    assert all("found at key.other.test" in warnings_of(report) for report in (revoked, syntax))


@pytest.mark.parametrize(
    "answer",
    [
        Answer("ns1.example.com", True, AnswerState.NO_NAME, chain=("a.test.", "b.test.")),
        Answer("ns1.example.com", True, AnswerState.EMPTY, chain=("b.test.",)),
    ],
)
def test_an_alias_that_leads_to_nothing_is_named(answer: Answer) -> None:
    report = verdict_on(RecordKind.DKIM, answer)

    assert_named(report, DnsCode.NEAR_CNAME, "alias (CNAME) for b.test, and b.test has no such record", "at b.test, or")


def test_two_spf_records_are_explained_as_such_whatever_else_is_near() -> None:
    report = verdict_on(RecordKind.SPF, found("v=spf1 include:spf.exmple.net ~all", "v=spf1 -all"))

    assert report.code == DnsCode.SPF_TWO_RECORDS


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (MX, ("10 MX1.EXAMPLE.NET.", "20 Mx2.Example.Net")),
        (RecordKind.SPF, ("v=spf1 INCLUDE:SPF.EXAMPLE.NET ~ALL",)),
        (RecordKind.DMARC, ("v=DMARC1; p=QUARANTINE; rua=MAILTO:REPORTS@EXAMPLE.COM",)),
        (RecordKind.DKIM, (DKIM.replace(KEY, f"{KEY[:100]} {KEY[100:]}"),)),
    ],
)
def test_differences_that_do_not_matter_are_no_complaint(kind: RecordKind, values: tuple[str, ...]) -> None:
    report = verdict_on(kind, found(*values))

    assert (report.verdict, report.warnings) == (Verdict.OK, ())


def test_a_record_that_has_our_term_but_fails_evaluation_is_no_near_miss() -> None:
    record = SPF.replace(" ~all", "  ~all")
    outcomes = {record: (SpfOutcome("192.0.2.1", "softfail", 1, 0),)}

    report = verdict_on(RecordKind.SPF, found(record), spf=outcomes)

    assert_named(report, DnsCode.SPF_NOT_COVERED, "192.0.2.1")


def test_something_else_altogether_has_no_near_miss() -> None:
    known = evidence(OWNERSHIP, found("google-site-verification=4711"))

    assert explain(known, identity=IDENTITY) is None


LETTERS = st.text(alphabet="abc.-", max_size=8)


def distance(one: str, other: str) -> int:
    """Damerau-Levenshtein distance (optimal string alignment), the slow and simple way."""
    rows = [[max(i, j) if not (i and j) else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(LETTERS, LETTERS)
def test_one_letter_is_a_distance_of_one(found_value: str, wanted_value: str) -> None:
    slip = one_letter(found_value, wanted_value)

    assert (slip is not None) == (distance(found_value, wanted_value) == 1)


PIECES = st.sampled_from(
    ["v=spf1", "v=DKIM1", "v=DMARC1", " ", ";", "; ", "p=", "p=reject", KEY, KEY[:99], "include:spf.example.net",
     "~all", '"', "\\;", "\\226", "\\999", "\u201c", "\u00a0", "\ud800", "rua=mailto:reports@example.com", "t=y", "10 ",
     ".", "mx1.example.net", "192.0.2.1", TOKEN, "=", "a", "\0", "🙂"]
)  # fmt: skip
VALUES = st.lists(st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=20), min_size=1, max_size=5)


@given(
    st.sampled_from(RecordKind),
    VALUES,
    st.dictionaries(st.integers(0, 20), VALUES, max_size=3),
    st.sampled_from(AnswerState),
)
def test_whatever_is_published_is_judged_and_explained_without_an_error(
    kind: RecordKind, values: list[str], probed: dict[int, list[str]], state: AnswerState
) -> None:
    answer = Answer("ns1.example.com", True, state, tuple(values) if state is AnswerState.FOUND else ())
    questions = probe_questions(evidence(kind, answer), wanted=WANTED[kind], random_label="q7")
    probes = {
        questions[place % len(questions)]: Answer("9.9.9.9:53", False, AnswerState.FOUND, tuple(content))
        for place, content in probed.items()
    }

    report = verdict_on(kind, answer, probes=probes)

    assert str(report.reason)
    assert (report.verdict is Verdict.UNKNOWN) >= (not state.is_definite)


def test_blanks_inside_quoted_strings_belong_to_the_value() -> None:
    report = verdict_on(RecordKind.SPF, found('"v=spf1 " "include:spf.example.net ~all"'))

    assert_named(report, DnsCode.NEAR_QUOTES, f"Enter it without them: {SPF}")


@pytest.mark.parametrize(
    "value", ["x" * 65_000, " " * 65_000, '"' * 4_000, " " * 4_000, "v=DMARC1;" * 400, "\\1" * 2_000]
)
def test_a_huge_value_is_judged_like_any_other(value: str) -> None:
    reports = [verdict_on(kind, found(*[value + str(number) for number in range(8)])) for kind in RecordKind]

    assert {report.verdict for report in reports} == {Verdict.WRONG}
