"""The public RFC 7208 test suite, every case of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from smtpy_desktop.core.spf import SpfAnswer, SpfResult, check_host
from smtpy_desktop.schemas.dns import AnswerState, Question

SUITE = Path(__file__).parents[2] / "data" / "spf" / "rfc7208-tests.yml"

Zone = dict[str, list[Any]]


def load_cases() -> Iterator[Any]:
    with SUITE.open(encoding="utf-8") as file:
        for scenario in yaml.safe_load_all(file):
            zone = {str(name).lower(): entries for name, entries in scenario["zonedata"].items()}
            for name, case in scenario["tests"].items():
                yield pytest.param(zone, case, id=f"{scenario['description']}: {name}")


def answer_from(zone: Zone, question: Question, followed: int = 0) -> SpfAnswer:
    """Answer as the suite's format says: TIMEOUT for types not listed, SPF entries are TXT unless TXT is given."""
    entries = zone.get(question.name.lower())
    if entries is None:
        return SpfAnswer(AnswerState.NO_NAME)
    records = [next(iter(entry.items())) for entry in entries if isinstance(entry, dict)]
    alias = next((value for kind, value in records if kind == "CNAME"), None)
    if alias is not None:
        if followed > 8:
            return SpfAnswer(AnswerState.SERVFAIL)
        return answer_from(zone, Question(alias.removesuffix("."), question.type), followed + 1)
    kinds = {kind for kind, _ in records}
    wanted = "SPF" if question.type == "TXT" and "TXT" not in kinds else question.type
    found = [value for kind, value in records if kind == wanted and value != "NONE"]
    if found:
        return SpfAnswer(AnswerState.FOUND, tuple(values_of(question.type, found)))
    return SpfAnswer(AnswerState.TIMEOUT if "TIMEOUT" in entries else AnswerState.EMPTY)


def values_of(kind: str, found: list[Any]) -> Iterator[str]:
    if kind == "MX":
        yield from (host for _, host in sorted(found, key=lambda pair: int(pair[0])))
    elif kind == "TXT":
        yield from ("".join(value) if isinstance(value, list) else str(value) for value in found)
    else:
        yield from (str(value) for value in found)


def evaluate(zone: Zone, case: dict[str, Any]) -> SpfResult:
    sender, helo = case["mailfrom"], case["helo"]
    domain = sender.rpartition("@")[2] or helo
    run = check_host(case["host"], domain, sender, helo)
    answer: SpfAnswer | None = None
    while True:
        try:
            question = next(run) if answer is None else run.send(answer)
        except StopIteration as stop:
            return cast("SpfResult", stop.value)
        answer = answer_from(zone, question)


@pytest.mark.parametrize(("zone", "case"), list(load_cases()))
def test_evaluation_gives_what_the_public_suite_expects(zone: Zone, case: dict[str, Any]) -> None:
    expected = case["result"] if isinstance(case["result"], list) else [case["result"]]

    outcome = evaluate(zone, case)

    assert outcome.result in expected, outcome
    if "explanation" in case:
        assert (outcome.explanation or "DEFAULT") == case["explanation"]
