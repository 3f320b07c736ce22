"""A forwarder's /health and /metrics over a real socket and a real database."""

from __future__ import annotations

import json

import pytest

from smtpy_desktop.controllers import forwarder_health_controller
from smtpy_desktop.controllers.forwarder_counters import ForwarderCounters
from smtpy_desktop.controllers.forwarder_health_controller import ForwarderHealth
from smtpy_desktop.core.forwarder_metrics import ProcessFigures
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.process_figures import process_figures
from smtpy_desktop.listeners.forwarder_health import ForwarderHealthListener, served_hosts
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.smtp_session import SmtpReply
from tests.helpers.raw_http import exchange, request

RUNNING = ForwardingState(ForwardingPhase.RUNNING, "host-1", smtp=(("127.0.0.1", 2525),))


class Trial:
    """A health listener of a forwarder that does not exist."""

    def __init__(self, sessions) -> None:
        self.state = RUNNING
        self.counters = ForwarderCounters()
        source = ForwarderHealth(
            sessions, self.counters, lambda: self.state, version="1.2.3", process=lambda: process_figures(1000.0)
        )
        self.listener = ForwarderHealthListener(source)
        self.address = ""

    async def get(self, path: str, method: str = "GET", **lines):
        lines = {"Content_Type": None, "Content_Length": None, **lines}
        return await exchange(self.address, request(self.address, method, path, **lines))


@pytest.fixture
async def trial(database):
    trial = Trial(database)
    trial.address = await trial.listener.start(("127.0.0.1", 0))
    yield trial
    await trial.listener.stop()


async def test_health_names_every_part_and_is_ok_while_mail_is_taken(trial):
    answer = await trial.get("/health")

    told = json.loads(answer.body)
    assert (answer.status, told["status"], told["version"]) == (200, "ok", "1.2.3")
    assert told["parts"]["forwarder"] == {"state": "ok", "name": "host-1"}
    assert told["parts"]["smtp"] == {"state": "ok", "addresses": ["127.0.0.1:2525"]}
    assert told["parts"]["lmtp"] == {"state": "off"}
    assert told["parts"]["database"] == {"state": "ok"}
    assert told["parts"]["queue"]["waiting"] == 0


async def test_a_forwarder_that_stops_is_not_well_any_more(trial):
    trial.state = ForwardingState(ForwardingPhase.STOPPING, "host-1")

    answer = await trial.get("/health")

    assert answer.status == 503
    assert json.loads(answer.body)["parts"]["forwarder"]["state"] == "stopping"


async def test_a_database_that_is_away_is_told_with_503_and_its_figures_are_left_out(connect, database_url):
    gone = connect(url=database_url.replace("/test_", "/gone_test_"))
    trial = Trial(gone)
    trial.address = await trial.listener.start(("127.0.0.1", 0))

    health, metrics = await trial.get("/health"), await trial.get("/metrics")
    await trial.listener.stop()

    assert health.status == 503
    assert json.loads(health.body)["parts"]["database"]["state"] == "failed"
    assert metrics.status == 200
    assert b"smtpy_database_up 0\n" in metrics.body
    assert b"smtpy_queue_deliveries" not in metrics.body


async def test_a_queue_that_takes_too_long_to_count_does_not_make_a_forwarder_unwell(trial, monkeypatch):
    async def takes_too_long(db, forwarder):
        raise TimeoutError

    monkeypatch.setattr(forwarder_health_controller, "queue_figures", takes_too_long)

    health, metrics = await trial.get("/health"), await trial.get("/metrics")

    assert (health.status, json.loads(health.body)["parts"]["queue"]) == (200, {"state": "unknown"})
    assert b"smtpy_database_up 1\n" in metrics.body


async def test_metrics_are_prometheus_text_with_refusals_by_reason(trial):
    trial.counters.note_reply("recipient", SmtpReply(550, "5.1.1", "No such mailbox"))
    trial.counters.note_reply("recipient", SmtpReply(250, "2.1.5", "OK"))
    trial.counters.attempts["sent"] += 2
    trial.counters.attempt_seconds.add(0.2)

    answer = await trial.get("/metrics")

    lines = answer.body.decode().splitlines()
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'smtpy_refused_total{stage="recipient",reason="5.1.1"} 1' in lines
    assert 'smtpy_delivery_attempts_total{outcome="sent"} 2' in lines
    assert 'smtpy_delivery_attempt_seconds_bucket{le="0.25"} 1' in lines
    assert 'smtpy_queue_deliveries{state="waiting"} 0' in lines
    assert "process_start_time_seconds 1000" in lines
    assert all(line.startswith(("# HELP ", "# TYPE ")) or len(line.rsplit(" ", 1)) == 2 for line in lines)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ({"path": "/health", "Host": "evil.example"}, 403),
        ({"path": "/"}, 404),
        ({"path": "/metrics", "method": "POST"}, 405),
        ({"path": "/webhooks/stripe", "method": "POST"}, 404),
        ({"path": "/health", "method": "HEAD"}, 200),
    ],
)
async def test_nothing_else_is_answered(trial, lines, status):
    answer = await trial.get(lines.pop("path"), lines.pop("method", "GET"), **lines)

    assert answer.status == status


async def test_a_port_in_use_says_so(trial):
    port = int(trial.address.rpartition(":")[2])
    second = ForwarderHealthListener(ForwarderHealth)

    with pytest.raises(UserFacingError) as refused:
        await second.start(("127.0.0.1", port))

    assert refused.value.code == "PORT_IN_USE"
    assert f"127.0.0.1:{port}" in str(refused.value)


async def test_an_address_of_another_machine_says_so(trial):
    with pytest.raises(UserFacingError) as refused:
        await ForwarderHealthListener(ForwarderHealth).start(("192.0.2.1", 0))

    assert refused.value.code == "ADDRESS_NOT_HERE"


def test_off_loopback_the_servers_own_names_are_served_and_no_others():
    hosts = served_hosts("10.0.0.5", 9125, ("mx1.example.net",))

    assert all(one in hosts for one in ("10.0.0.5:9125", "mx1.example.net:9125", "127.0.0.1:9125"))
    assert "evil.example:9125" not in hosts
    assert "mx1.example.net:9125" not in served_hosts("127.0.0.1", 9125, ("mx1.example.net",))


def test_at_all_addresses_any_of_them_is_served_and_no_name_of_somebody_else():
    hosts = served_hosts("0.0.0.0", 9125, ("mx1.example.net",))

    assert all(one in hosts for one in ("10.0.0.5:9125", "[2001:db8::1]:9125", "mx1.example.net:9125"))
    assert not any(one in hosts for one in ("evil.example:9125", "10.0.0.5:80", "10.0.0.5", "", ":9125"))


def test_a_process_knows_what_it_uses():
    figures = process_figures(12.0)

    assert isinstance(figures, ProcessFigures)
    assert figures.memory_bytes > 1_000_000
    assert figures.open_files > 2


def test_reasons_are_bounded():
    counters = ForwarderCounters()

    for number in range(1000):
        counters.note_reply("message", SmtpReply(550, f"5.7.{number}", "No"))

    assert len(counters.refused) <= 201
    assert sum(counters.refused.values()) == 1000
