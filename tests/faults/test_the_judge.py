"""The judge finds what is wrong: a test that could not fail would prove nothing."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail
from tests.faults.fault_world import ONE, FaultCluster, fault_cluster, plain
from tests.faults.judge import Verdict, judge
from tests.faults.ledger import Entry, Fate, Ledger, message_bytes

TARGET = "first@target.example"


@pytest.fixture(scope="module")
def cluster() -> Iterator[FaultCluster]:
    with fault_cluster(is_durable=False) as made:
        yield made


class Trial:
    """One message with what everybody says about it."""

    def __init__(self, cluster: FaultCluster) -> None:
        self.url, self.ledger, self.received = cluster.new_database(), Ledger(), []
        self.entry = self.ledger.begin(ONE, 500)
        self.ledger.end(self.entry, Fate.ACKNOWLEDGED, "250 OK")

    def store(self, state: str = "sent", status: str = "delivered", attempts: tuple[str, ...] = ("sent",)) -> None:
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            (domain,) = connection.execute("SELECT id FROM domains").fetchone()
            (message,) = connection.execute(
                "INSERT INTO messages (domain_id, message_id, sender_email, recipient_email, status)"
                " VALUES (%s, %s, 'a@b.example', %s, %s) RETURNING id",
                (domain, f"<{self.entry.id}@ledger.example>", ONE, status),
            ).fetchone()
            connection.execute(
                "INSERT INTO mail_envelopes (message_id, kind, sender, forward_sender, prefix, may_report, is_utf8,"
                " is_8bit) VALUES (%s, 'forward', '', '', '', false, false, false)",
                (message,),
            )
            (delivery,) = connection.execute(
                "INSERT INTO deliveries (message_id, target, state, lease_until)"
                " VALUES (%s, %s, %s, now() - interval '1 hour') RETURNING id",
                (message, TARGET, state),
            ).fetchone()
            for outcome in attempts:
                connection.execute(
                    "INSERT INTO delivery_attempts (delivery_id, outcome) VALUES (%s, %s)", (delivery, outcome)
                )

    def receive(self, raw: bytes = b"", entry: Entry | None = None) -> None:
        content = raw or b"Received: here\r\n" + message_bytes(entry or self.entry)
        self.received.append(ReceivedMail(len(self.received) + 1, 1.0, "", "", "", (TARGET,), content))

    def verdict(self) -> Verdict:
        return judge(self.ledger, self.url, self.received)


@pytest.fixture
def trial(cluster: FaultCluster) -> Trial:
    return Trial(cluster)


def test_what_arrived_once_is_clean(trial: Trial) -> None:
    trial.store()
    trial.receive()

    assert trial.verdict().is_clean


def test_acknowledged_and_nowhere_is_lost(trial: Trial) -> None:
    assert trial.verdict().lost == [trial.entry.id]


def test_recorded_as_sent_and_never_received_is_lost(trial: Trial) -> None:
    trial.store()

    assert trial.verdict().lost == [f"{trial.entry.id} {TARGET}"]


def test_still_in_the_queue_when_all_should_be_over_is_lost(trial: Trial) -> None:
    trial.store("queued", "pending", ())

    assert trial.verdict().lost == [f"{trial.entry.id} {TARGET}"]


def test_twice_is_explained_by_an_uncertain_attempt_alone(trial: Trial) -> None:
    trial.store(attempts=("uncertain", "sent"))
    trial.receive()
    trial.receive()
    assert trial.verdict().explained == [f"{trial.entry.id} {TARGET}"]
    assert trial.verdict().is_clean

    trial.receive()

    assert trial.verdict().unexplained == [f"{trial.entry.id} {TARGET}"]


def test_changed_bytes_and_unknown_mail_are_found(trial: Trial) -> None:
    trial.store()
    trial.receive(b"Received: here\r\n" + message_bytes(trial.entry)[:-3] + b"\r\n")
    stranger = Entry("somebody-else", ONE, 100)
    trial.receive(entry=stranger)

    verdict = trial.verdict()

    assert verdict.changed == [trial.entry.id]
    assert verdict.ghosts == [stranger.id]


def test_a_lease_long_past_and_a_wrong_state_are_found(trial: Trial) -> None:
    trial.store("sending", "processing", ("sending",))
    assert trial.verdict().stuck == [f"{trial.entry.id} {TARGET}"]


def test_received_but_recorded_as_failed_is_found(trial: Trial) -> None:
    trial.store("failed", "failed", ("uncertain", "failed"))
    trial.receive()

    assert trial.verdict().misreported == [f"{trial.entry.id} {TARGET}"]
