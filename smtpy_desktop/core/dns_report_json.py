"""DNS reports as JSON: stored with every check, exported, and printed for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from smtpy_desktop.schemas.dns import (
    Answer,
    AnswerState,
    DnsReport,
    RecordKind,
    RecordReport,
    ServerAnswer,
    Verdict,
)
from smtpy_desktop.schemas.text import Text


def record_to_json(report: RecordReport) -> dict[str, Any]:
    """Return everything of a record report; ``record_from_json`` reads it back."""
    return {
        "kind": report.kind.value,
        "host": report.host,
        "type": report.type,
        "verdict": report.verdict.value,
        "code": str(report.code),
        "reason": report.reason.to_json(),
        "wanted": list(report.wanted),
        "found": list(report.found),
        "publish": list(report.publish),
        "warnings": [warning.to_json() for warning in report.warnings],
        "answers": [_answer_to_json(answer) for answer in report.answers],
    }


def record_from_json(data: Mapping[str, Any]) -> RecordReport:
    """Read what ``record_to_json`` wrote."""
    return RecordReport(
        kind=RecordKind(data["kind"]),
        host=data["host"],
        type=data["type"],
        verdict=Verdict(data["verdict"]),
        code=data["code"],
        reason=Text.from_json(data["reason"]),
        wanted=tuple(data["wanted"]),
        found=tuple(data["found"]),
        publish=tuple(data["publish"]),
        warnings=tuple(Text.from_json(warning) for warning in data["warnings"]),
        answers=tuple(_answer_from_json(answer) for answer in data["answers"]),
    )


def in_order(reports: Iterable[RecordReport]) -> tuple[RecordReport, ...]:
    """Return the reports in the order in which records are shown."""
    order = list(RecordKind)
    return tuple(sorted(reports, key=lambda report: order.index(report.kind)))


def report_for_people(report: DnsReport) -> dict[str, Any]:
    """Return a report as scripts and exports get it: sentences instead of templates, times in ISO 8601 and UTC."""
    return {
        "name": report.name,
        "status": report.status,
        "checked_at": report.checked_at.isoformat().replace("+00:00", "Z"),
        "records": [_record_for_people(record) for record in report.records],
    }


def _record_for_people(record: RecordReport) -> dict[str, Any]:
    return record_to_json(record) | {
        "wanted": _single(record.wanted),
        "found": _single(record.found),
        "publish": _single(record.publish),
        "reason": str(record.reason),
        "warnings": [str(warning) for warning in record.warnings],
    }


def _single(values: tuple[str, ...]) -> str | list[str] | None:
    """One value as itself, several as a list, none as null."""
    if not values:
        return None
    return values[0] if len(values) == 1 else list(values)


def _answer_to_json(answer: ServerAnswer) -> dict[str, Any]:
    asked = answer.answer
    return {
        "server": asked.server,
        "authoritative": asked.authoritative,
        "state": asked.state.value,
        "values": list(asked.values),
        "ttl": asked.ttl,
        "chain": list(asked.chain),
        "milliseconds": asked.milliseconds,
        "verdict": answer.verdict.value,
    }


def _answer_from_json(data: Mapping[str, Any]) -> ServerAnswer:
    answer = Answer(
        server=data["server"],
        authoritative=data["authoritative"],
        state=AnswerState(data["state"]),
        values=tuple(data["values"]),
        ttl=data["ttl"],
        chain=tuple(data["chain"]),
        milliseconds=data["milliseconds"],
    )
    return ServerAnswer(answer, Verdict(data["verdict"]))
