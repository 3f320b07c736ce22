"""An answer of the DNS as the evaluation of SPF wants it."""

from __future__ import annotations

from smtpy_desktop.core.spf import SpfAnswer
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question


def spf_answer(question: Question, found: Answer) -> SpfAnswer:
    """Return what was found, mail servers in the order of their preference and names without trailing dots."""
    if found.state is not AnswerState.FOUND:
        return SpfAnswer(found.state)
    values = found.values
    if question.type == "MX":
        exchangers = sorted((int(value.split()[0]), value.split()[1]) for value in values)
        values = tuple(host.rstrip(".") for _, host in exchangers)
    elif question.type == "PTR":
        values = tuple(value.rstrip(".") for value in values)
    return SpfAnswer(found.state, values)
