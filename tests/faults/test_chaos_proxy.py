"""The proxy ends connections where it is meant to: what a fault test relies on."""

from __future__ import annotations

import random

import pytest

from smtpy_desktop.sandbox.mail_sink import MailSink
from tests.faults.chaos_proxy import VERBS, Chaos, ChaosProxy, Cut
from tests.faults.ledger import Fate, Ledger
from tests.faults.load_client import LoadClient


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("cut", list(Cut))
async def test_a_line_ends_at_its_verb_and_the_next_one_is_well(verb: str, cut: Cut) -> None:
    plans = iter([Chaos(verb, cut)])
    ledger = Ledger()
    async with MailSink() as sink, ChaosProxy(lambda: sink.port, lambda: next(plans, None)) as proxy:
        client = LoadClient(ledger, (proxy.port,), ("b@target.example",), random.Random(1), silence=0.5)
        await client.send(2, sessions=1)
        await sink.wait_for(ledger.count(Fate.ACKNOWLEDGED))

    assert proxy.happened == [Chaos(verb, cut)]
    after_the_dot = verb == "DOT" and cut is not Cut.BEFORE
    assert len(sink.inbox) == ledger.count(Fate.ACKNOWLEDGED) + after_the_dot
    is_told = verb in ("CONNECT", "EHLO", "QUIT")
    assert ledger.count(Fate.ACKNOWLEDGED) == (2 if is_told else 1)
    assert ledger.count(Fate.UNKNOWN) == (verb in ("CONTENT", "DOT"))
