"""Any history of attempts, deaths and decisions: what was accepted is never sent again, nothing sticks."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers.delivery_claims import DeliveryClaims
from smtpy_desktop.controllers.delivery_recorder import DeliveryRecorder
from smtpy_desktop.database import messages_database
from smtpy_desktop.database.engine import Database
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, SendResult
from tests.helpers.delivery_world import DeliveryWorld, FixedRoutes

OUTCOMES = st.sampled_from(
    [DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED, DeliveryState.UNCERTAIN, DeliveryState.DEFERRED]
)
WAITING = "('queued', 'deferred', 'uncertain')"
LIVE = "('queued', 'deferred', 'uncertain', 'sending')"


class Histories(RuleBasedStateMachine):
    """Two processes, any of which may be slow, late or dead, and a hand that retries, holds, and sets statuses."""

    url = ""

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.world = self.runner.run(self._open())
        self.open: list[DueDelivery] = []
        self.messages: list[MessageId] = []
        self.decided: set[MessageId] = set()

    async def _open(self) -> DeliveryWorld:
        self.database = Database(self.url, origin="histories")
        world = DeliveryWorld(self.database, self.url, FixedRoutes(0))
        world.connection.execute("TRUNCATE messages, mail_envelopes CASCADE")
        self.claims = {name: DeliveryClaims(self.database, forwarder=name, lease_seconds=300) for name in ("a", "b")}
        self.recorder = DeliveryRecorder(
            self.database,
            forwarder="a",
            settings=lambda: world.settings,
            publish=publish_nothing,
            recorded=lambda: None,
            spooled=lambda: None,
        )
        return world

    @rule(count=st.integers(1, 3), is_leased=st.booleans())
    def take_in(self, count: int, is_leased: bool) -> None:
        mail = self.world.mail(*(f"b@t{number}.example" for number in range(count)), may_report=False)
        (number,) = self.runner.run(self.world.spool(mail, leased_by="a" if is_leased else ""))
        self.messages.append(number)
        if is_leased:
            self.open += self.world.leased(number)

    @rule(process=st.sampled_from(["a", "b"]), room=st.integers(1, 3))
    def claim(self, process: str, room: int) -> None:
        claimed = self.runner.run(self.claims[process].claim(room, lambda name: 1, most_bytes=10**6))
        for due in claimed.due:
            attempts = "SELECT count(*) FROM delivery_attempts WHERE delivery_id = %s AND outcome = 'sent'"
            assert self.world.rows(attempts, due.id) == [(0,)]
        self.open += claimed.due

    @precondition(lambda self: self.open)
    @rule(data=st.data(), outcome=OUTCOMES)
    def finish(self, data: st.DataObject, outcome: DeliveryState) -> None:
        due = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self.recorder.put(due, SendResult(outcome, "mx.example", None, 450, "4.0.0", "words"))
        assert self.runner.run(self.recorder.flush())
        is_recorded = "SELECT outcome FROM delivery_attempts WHERE id = %s"
        assert self.world.rows(is_recorded, due.attempt_id) == [(outcome.value,)]

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        due = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self.recorder.give_back(due, 0.0)
        assert self.runner.run(self.recorder.flush())

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))

    @rule(is_expired=st.booleans())
    def let_time_pass(self, is_expired: bool) -> None:
        self.world.connection.execute(f"UPDATE deliveries SET next_attempt_at = now() WHERE state IN {WAITING}")
        if is_expired:
            self.world.connection.execute("UPDATE deliveries SET lease_until = now() WHERE state = 'sending'")
            self.runner.run(self.claims["a"].mend())

    @precondition(lambda self: self.messages)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.messages))
        self.decided.add(number)
        self.runner.run(self._change(lambda db: messages_database.make_due(db, [number])))

    @precondition(lambda self: self.messages)
    @rule(data=st.data(), status=st.sampled_from(MessageStatus))
    def decide(self, data: st.DataObject, status: MessageStatus) -> None:
        number = data.draw(st.sampled_from(self.messages))
        self.decided.add(number)
        self.runner.run(self._change(lambda db: messages_database.set_status(db, [number], status)))

    async def _change(self, work) -> None:
        async with self.database.begin() as db:
            await work(db)

    @invariant()
    def what_was_accepted_is_never_to_be_sent(self) -> None:
        if not hasattr(self, "world"):
            return
        query = (
            f"SELECT d.id, d.state FROM deliveries d WHERE state IN {LIVE}"
            " AND EXISTS (SELECT FROM delivery_attempts a WHERE a.delivery_id = d.id AND a.outcome = 'sent')"
        )
        assert self.world.rows(query) == []

    @invariant()
    def what_is_being_sent_has_one_open_attempt_and_a_lease(self) -> None:
        if not hasattr(self, "world"):
            return
        query = (
            "SELECT d.id FROM deliveries d LEFT JOIN delivery_attempts a ON a.delivery_id = d.id"
            " AND a.outcome = 'sending' WHERE d.state = 'sending'"
            " GROUP BY d.id HAVING count(a.id) <> 1 OR d.lease_until IS NULL OR d.leased_by IS NULL"
        )
        assert self.world.rows(query) == []
        double = "SELECT delivery_id FROM delivery_attempts WHERE outcome = 'sending' GROUP BY 1 HAVING count(*) > 1"
        assert self.world.rows(double) == []

    @invariant()
    def a_message_that_nobody_has_decided_about_has_the_status_of_its_deliveries(self) -> None:
        if not hasattr(self, "world"):
            return
        query = (
            "SELECT m.id, m.status, bool_or(d.state IN " + LIVE + "), bool_and(d.state = 'sent')"
            " FROM messages m JOIN deliveries d ON d.message_id = m.id GROUP BY m.id"
        )
        for number, status, is_live, is_sent in self.world.rows(query):
            if number not in self.decided:
                assert (status in ("pending", "processing")) == is_live, (number, status)
                assert (status == "delivered") == (is_sent and not is_live), (number, status)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for _ in range(4):
            self.let_time_pass(is_expired=True)
            while claimed := self.runner.run(self.claims["b"].claim(50, lambda name: 50, most_bytes=10**6)).due:
                for due in claimed:
                    self.recorder.put(due, SendResult(DeliveryState.SENT, "mx.example"))
                assert self.runner.run(self.recorder.flush())
        assert self.world.rows(f"SELECT id, state FROM deliveries WHERE state IN {LIVE}") == []
        self.world.close()
        self.runner.run(self.database.close())
        self.runner.close()


def test_no_history_sends_twice_what_was_accepted_or_leaves_anything_stuck(database_url: str) -> None:
    machine = type("TheseHistories", (Histories,), {"url": database_url})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
