"""How forwarding stands, in words, and the times beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from smtpy_desktop.schemas.books import BookClass
from smtpy_desktop.schemas.forwarder import ForwarderProcess, ForwarderState
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.queue import QueueAction
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.forwarder_words import (
    action_icon,
    action_title,
    age_words,
    delivery_word,
    due_words,
    fault_sentence,
    fault_word,
    forwarder_standing,
    state_pill,
    state_sentence,
)
from smtpy_desktop.views.theme_tokens import Tone

_NOW = datetime.now(UTC)
_OFF = ForwardingState(ForwardingPhase.OFF)
_HERE = ForwardingState(ForwardingPhase.RUNNING, "here-1", smtp=(("127.0.0.1", 2525),))


def _process(name: str, state: ForwarderState = ForwarderState.RUNNING, host: str = "mx1") -> ForwarderProcess:
    return ForwarderProcess(name, host, 1, "1.0", "127.0.0.1:25", 50, state, _NOW, _NOW)


@pytest.mark.parametrize(
    ("processes", "here", "word", "heading", "tone"),
    [
        ((), _OFF, "No forwarder", "No forwarder has been seen.", Tone.MUTED),
        (("running",), _OFF, "Forwarder", "1 forwarder is running on mx1.", Tone.OK),
        (("running", "running"), _OFF, "Forwarder", "2 forwarders are running on mx1.", Tone.OK),
        (("running", "silent"), _OFF, "Forwarder silent", "1 forwarder is running on mx1.", Tone.WARN),
        (("silent", "stopped"), _OFF, "Forwarder silent", "No forwarder is running.", Tone.BAD),
        (("stopped",), _OFF, "Forwarder off", "No forwarder is running.", Tone.WARN),
        ((), _HERE, "Forwarder", "A forwarder is running here.", Tone.OK),
        (("running",), _HERE, "Forwarder", "1 forwarder is running on mx1.", Tone.OK),
        (
            (),
            ForwardingState(ForwardingPhase.STARTING),
            "Forwarder starting",
            "The forwarder here is starting.",
            Tone.ACCENT,
        ),
        (
            (),
            ForwardingState(ForwardingPhase.STOPPING),
            "Forwarder stopping",
            "The forwarder here is stopping.",
            Tone.ACCENT,
        ),
        (
            (),
            ForwardingState(ForwardingPhase.FAILED),
            "Forwarder failed",
            "The forwarder here could not run.",
            Tone.BAD,
        ),
        (
            (),
            ForwardingState(ForwardingPhase.RUNNING, has_database=False),
            "Forwarder waits",
            "A forwarder is running here.",
            Tone.WARN,
        ),
    ],
)
def test_how_forwarding_stands(processes, here, word, heading, tone):
    seen = [_process(f"p{number}", ForwarderState(state)) for number, state in enumerate(processes)]

    standing = forwarder_standing(seen, here)

    assert (standing.word, standing.heading, standing.tone) == (word, heading, tone)


def test_a_smart_host_that_lets_nobody_in_comes_before_all_that_is_well() -> None:
    refused = replace(_process("a"), counters={"accepted": 3, "sign_in_refused": 1})

    standing = forwarder_standing([_process("b"), refused], _OFF)
    well = forwarder_standing([replace(refused, state=ForwarderState.STOPPED), _process("b")], _OFF)

    assert (standing.tone, standing.word) == (Tone.BAD, "Mail waits")
    assert standing.heading == "The smart host does not accept the user name and password."
    assert "Settings, Forwarding" in standing.advice + standing.words
    assert well.tone is Tone.OK


def test_the_forwarder_of_this_window_is_not_counted_as_another_one():
    standing = forwarder_standing([_process("here-1")], _HERE)

    assert standing.heading == "A forwarder is running here."


def test_hosts_are_counted_and_why_it_failed_is_said():
    on_two = forwarder_standing([_process("a"), _process("b", host="mx2")], _OFF)
    why = ForwardingState(ForwardingPhase.FAILED, reason=text("Port 25 is in use."), hint=text("Take another one."))
    failed = forwarder_standing([], why)

    assert on_two.heading == "2 forwarders are running on 2 hosts."
    assert (failed.words, failed.advice) == ("Port 25 is in use.", "Take another one.")
    assert failed.sentences == "The forwarder here could not run. Port 25 is in use. Take another one."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "5 s"),
        (90, "1 min"),
        (3 * 3600 + 125, "3 h 2 min"),
        (14 * 3600, "14 h"),
        (50 * 3600, "2 d 2 h"),
        (-3, "0 s"),
    ],
)
def test_an_age_is_as_exact_as_it_matters(seconds, words):
    assert age_words(_NOW - timedelta(seconds=seconds), _NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "now"), (-50, "now"), (0, "now"), (40, "in 40 s"), (700, "in 11 min")]
)
def test_what_is_due_is_due_now(seconds, words):
    moment = None if seconds is None else _NOW + timedelta(seconds=seconds)

    assert due_words(moment, _NOW) == words


@pytest.mark.parametrize("kind", [kind for kind in BookClass if kind.is_fault])
def test_every_fault_says_what_is_wrong_and_what_to_do(kind):
    assert fault_word(kind)
    assert len(fault_sentence(kind)) > 40


def test_every_state_and_action_has_its_own_words_and_icon():
    states = [state_pill(state) for state in ForwarderState]
    actions = [(action_title(action), action_icon(action)) for action in QueueAction]
    sentences = {state_sentence(_process("p", state)) for state in ForwarderState}

    assert len({(pill.text, pill.icon) for pill in states}) == len(ForwarderState)
    assert len(set(actions)) == len(QueueAction)
    assert len(sentences) == len(ForwarderState)
    assert delivery_word(DeliveryState.DEFERRED) == "Put off"
