"""Reports as JSON: what is stored reads back, what is exported is for people."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.dns_report_json import in_order, record_from_json, record_to_json, report_for_people
from smtpy_desktop.schemas.dns import (
    Answer,
    AnswerState,
    DnsReport,
    RecordKind,
    RecordReport,
    ServerAnswer,
    Verdict,
)
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.text import Text, text

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.lists(words, max_size=3).map(tuple)
plain = words | st.integers(-5, 5) | st.booleans() | st.none()
texts = st.builds(
    lambda value: Text("It is {value}, <b>not</b> {{this}}.", {"value": value}),
    plain,
)
answers = st.builds(
    Answer,
    server=words,
    authoritative=st.booleans(),
    state=st.sampled_from(list(AnswerState)),
    values=values,
    ttl=st.none() | st.integers(0, 2**31),
    chain=values,
    milliseconds=st.integers(0, 9999),
)
reports = st.builds(
    RecordReport,
    kind=st.sampled_from(list(RecordKind)),
    host=words,
    type=st.sampled_from(["MX", "TXT"]),
    verdict=st.sampled_from(list(Verdict)),
    code=words,
    reason=texts,
    wanted=values,
    found=values,
    publish=values,
    warnings=st.lists(texts, max_size=2).map(tuple),
    answers=st.lists(st.builds(ServerAnswer, answers, st.sampled_from(list(Verdict))), max_size=2).map(tuple),
)


def a_report(**changed: object) -> RecordReport:
    fields: dict[str, object] = {
        "kind": RecordKind.MX,
        "host": "example.com",
        "type": "MX",
        "verdict": Verdict.WRONG,
        "code": "MX_MISSING",
        "reason": text("{name} has no MX.", name="example.com"),
        "wanted": ("10 mx1.example.net.", "20 mx2.example.net."),
        "found": (),
    }
    return RecordReport(**(fields | changed))  # type: ignore[arg-type]


@given(reports)
def test_what_is_written_reads_back(report):
    assert record_from_json(json.loads(json.dumps(record_to_json(report)))) == report


def test_a_value_that_json_does_not_know_is_kept_as_its_text():
    report = a_report(reason=text("since {when}", when=timedelta(minutes=30)))

    read = record_from_json(json.loads(json.dumps(record_to_json(report))))

    assert str(read.reason) == str(report.reason)


def test_for_people_there_are_sentences_single_values_and_utc():
    moment = datetime(2026, 11, 22, 12, 0, 1, tzinfo=timezone(timedelta(hours=2)))
    reports = (
        a_report(warnings=(text("a {thing}", thing="warning"),)),
        a_report(kind=RecordKind.SPF, found=("v=spf1 -all",), publish=("v=spf1 mx -all",)),
    )

    data = report_for_people(DnsReport(DomainId(1), "example.com", "failed", moment.astimezone(UTC), reports))

    assert (data["name"], data["status"], data["checked_at"]) == ("example.com", "failed", "2026-11-22T10:00:01Z")
    mx, spf = data["records"]
    assert (mx["reason"], mx["warnings"]) == ("example.com has no MX.", ["a warning"])
    assert (mx["wanted"], mx["found"], mx["publish"]) == (["10 mx1.example.net.", "20 mx2.example.net."], None, None)
    assert (spf["found"], spf["publish"]) == ("v=spf1 -all", "v=spf1 mx -all")
    json.dumps(data)


@given(st.permutations(list(RecordKind)))
def test_records_are_put_in_the_order_in_which_they_are_shown(kinds):
    ordered = in_order(a_report(kind=kind) for kind in kinds)

    assert [report.kind for report in ordered] == list(RecordKind)
