"""Judging signatures of a message with keys at hand instead of the DNS."""

from __future__ import annotations

import time
from collections.abc import Mapping

from smtpy_desktop.core.arc_chain import ArcState, verify_chain
from smtpy_desktop.core.dkim_public_key import find_public_key
from smtpy_desktop.core.dkim_signature import SignatureFault, read_dkim_signature
from smtpy_desktop.core.dkim_verification import SignedMessage, verify_signature
from smtpy_desktop.schemas.dns import Answer, AnswerState


def answer_of(keys: Mapping[str, str], name: str) -> Answer:
    """Answer as a resolver would that knows these TXT records alone."""
    found = keys.get(name)
    state = AnswerState.NO_NAME if found is None else AnswerState.FOUND
    return Answer("a test", authoritative=False, state=state, values=() if found is None else (found,), ttl=300)


def judge(raw: bytes, keys: Mapping[str, str], index: int = 0, now: int | None = None) -> tuple[str, str]:
    """Return result and reason for one DKIM signature of a message; none for one that is not there."""
    try:
        message = SignedMessage(raw)
        fields = message.named(b"dkim-signature")
        if index >= len(fields):
            return "none", ""
        signature = read_dkim_signature(fields[index], now or int(time.time()))
        key = find_public_key(answer_of(keys, signature.key_name), signature.key_kind)
        return "pass", verify_signature(message, signature, key)
    except SignatureFault as fault:
        return fault.result, fault.reason


def judge_chain(raw: bytes, keys: Mapping[str, str], now: int | None = None) -> ArcState:
    """Return the state of the ARC chain of a message."""
    validation = verify_chain(SignedMessage(raw), now or int(time.time()))
    answer: Answer | None = None
    while True:
        try:
            question = next(validation) if answer is None else validation.send(answer)
        except StopIteration as stop:
            return stop.value
        answer = answer_of(keys, question.name)
