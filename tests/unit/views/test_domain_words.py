"""How answers, hosts and results are put into words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpy_desktop.schemas.dns import Answer, AnswerState, DnsReport, RecordKind, RecordReport, Verdict, WantedRecord
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.domain_words import (
    answer_words,
    record_summary,
    records_sentence,
    result_sentence,
    short_host,
    state_sentence,
    verdict_icon,
    verdict_word,
)
from tests.helpers.dns_evidence import KEY


def answer(state: AnswerState, *values: str, milliseconds: int = 0) -> Answer:
    return Answer("ns1.example.net", authoritative=True, state=state, values=values, milliseconds=milliseconds)


def report(*verdicts: Verdict) -> DnsReport:
    records = tuple(
        RecordReport(kind, "x.example", "TXT", verdict, "CODE", text("why"), (), ())
        for kind, verdict in zip(RecordKind, verdicts, strict=True)
    )
    return DnsReport(DomainId(1), "x.example", "pending", datetime(2026, 1, 1, tzinfo=UTC), records)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (AnswerState.EMPTY, "no such record"),
        (AnswerState.NO_NAME, "no such name"),
        (AnswerState.SERVFAIL, "SERVFAIL"),
        (AnswerState.REFUSED, "REFUSED"),
        (AnswerState.UNREACHABLE, "cannot be reached"),
        (AnswerState.MALFORMED, "no valid answer"),
        (AnswerState.LAME, "does not serve this zone"),
        (AnswerState.TRUNCATED, "cut off twice"),
    ],
)
def test_every_way_to_answer_without_records_has_its_words_and_a_sentence(state, words):
    assert answer_words(answer(state), ()) == words
    assert state_sentence(state)


def test_silence_tells_how_long_it_was_waited():
    assert answer_words(answer(AnswerState.TIMEOUT, milliseconds=3004), ()) == "no answer within 3 s"


def test_an_answer_that_stands_above_is_not_repeated_whatever_its_order():
    found = ("10 mx1.example.net.", "20 mx2.example.net.")

    assert answer_words(answer(AnswerState.FOUND, *reversed(found)), found) == "same as above"
    assert answer_words(answer(AnswerState.FOUND, "10 mx1.example.net."), found) == "10 mx1.example.net."


@pytest.mark.parametrize(
    ("host", "short"),
    [
        ("shop.example", "@"),
        ("_dmarc.shop.example", "_dmarc"),
        ("s1._domainkey.shop.example", "s1._domainkey"),
        ("other.example", "other.example"),
        ("notshop.example", "notshop.example"),
    ],
)
def test_a_short_host_leaves_the_domain_out_and_nothing_else(host, short):
    assert short_host(host, "shop.example") == short


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ([Verdict.OK] * 5, "All 5 records are right."),
        ([Verdict.UNKNOWN] * 5, "None of the 5 records could be asked about."),
        ([Verdict.OK] * 4 + [Verdict.WRONG], "4 of 5 records are right."),
        (
            [Verdict.OK] * 3 + [Verdict.WRONG, Verdict.UNKNOWN],
            "3 of 5 records are right, 1 could not be asked about.",
        ),
    ],
)
def test_a_result_never_counts_what_could_not_be_asked_as_wrong(verdicts, sentence):
    assert result_sentence(report(*verdicts)) == sentence


def test_a_key_is_summed_up_by_its_place_and_size():
    wanted = WantedRecord(RecordKind.DKIM, "s1._domainkey.shop.example", "TXT", f"v=DKIM1; k=rsa; p={KEY}")

    assert record_summary(RecordKind.DKIM, "shop.example", [wanted], ()) == "s1._domainkey · 2048 bit"


def test_a_damaged_key_is_summed_up_without_its_size():
    wanted = WantedRecord(RecordKind.DKIM, "s1._domainkey.shop.example", "TXT", "v=DKIM1; p=no key")

    assert record_summary(RecordKind.DKIM, "shop.example", [wanted], ()) == "s1._domainkey"


def test_mail_servers_are_summed_up_with_their_priority():
    wanted = [
        WantedRecord(RecordKind.MX, "shop.example", "MX", "mx1.example.net.", priority=10),
        WantedRecord(RecordKind.MX, "shop.example", "MX", "mx2.example.net.", priority=20),
    ]

    assert record_summary(RecordKind.MX, "shop.example", wanted, ()) == "mx1.example.net (10), mx2.example.net (20)"


def test_each_verdict_has_a_word_and_an_icon_of_its_own():
    verdicts = [*Verdict, None]

    assert len({verdict_word(verdict) for verdict in verdicts}) == 4
    assert len({verdict_icon(verdict) for verdict in verdicts}) == 4


def test_the_marks_of_a_row_are_told_in_words_in_their_order():
    words = records_sentence({RecordKind.SPF: Verdict.WRONG, RecordKind.MX: Verdict.OK})

    assert words.splitlines() == [
        "MX: right",
        "SPF: wrong",
        "DKIM: not checked yet",
        "DMARC: not checked yet",
        "Ownership: not checked yet",
    ]
