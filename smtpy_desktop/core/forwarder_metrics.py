"""The figures of one forwarder process, with the names and words that Prometheus shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from smtpy_desktop.core.histogram import Histogram
from smtpy_desktop.core.prometheus_text import Family, counter, counters_by, gauge
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState, QueueFigures
from smtpy_desktop.schemas.messages import DeliveryState

_OUTCOMES = (DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED, DeliveryState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """What the process uses: bytes of memory, seconds of processor, when it started (Unix time)."""

    started: float
    cpu_seconds: float
    memory_bytes: int = 0
    open_files: int = 0


class Counted(Protocol):
    """What is counted (controllers/forwarder_counters.py)."""

    recipients: int
    accepted: int
    received_bytes: int
    intake_seconds: Histogram
    attempt_seconds: Histogram

    @property
    def sessions(self) -> int:
        """Sessions begun."""
        ...

    @property
    def open_sessions(self) -> int:
        """Sessions open now."""
        ...

    @property
    def refused(self) -> Mapping[tuple[str, str], int]:
        """Refusals by stage and enhanced code."""
        ...

    @property
    def attempts(self) -> Mapping[str, int]:
        """Attempts by outcome."""
        ...

    def not_let_in(self) -> Mapping[str, int]:
        """Return why the smart host does not let us in and since when; empty where it does."""
        ...


def forwarder_metrics(
    counted: Counted,
    queue: QueueFigures | None,
    process: ProcessFigures,
    state: ForwardingState,
    version: str,
    *,
    has_database: bool,
) -> Iterator[Family]:
    """Yield every figure; those of the queue are left out where they are not known."""
    labels = {"name": state.name, "version": version}
    yield gauge("smtpy_forwarder_info", "The process that answers; always 1.", 1, labels)
    is_running = float(state.phase is ForwardingPhase.RUNNING)
    yield gauge("smtpy_forwarder_running", "1 while mail is taken in, 0 while starting or stopping.", is_running)
    yield gauge("smtpy_database_up", "1 when the database answered last time.", float(has_database))
    yield from _way_in(counted)
    yield from _way_out(counted)
    if queue is not None:
        yield from _queue(queue)
    yield from _process(process)


def _way_in(counted: Counted) -> Iterator[Family]:
    yield counter("smtpy_sessions_total", "SMTP and LMTP sessions begun.", counted.sessions)
    yield gauge("smtpy_sessions_open", "SMTP and LMTP sessions open now.", counted.open_sessions)
    yield counter("smtpy_recipients_accepted_total", "Recipients accepted at RCPT TO.", counted.recipients)
    yield counter("smtpy_messages_accepted_total", "Messages stored, one for each recipient.", counted.accepted)
    yield counter("smtpy_received_bytes_total", "Bytes of messages received.", counted.received_bytes)
    refused = tuple(
        ({"stage": stage, "reason": reason}, float(count)) for (stage, reason), count in sorted(counted.refused.items())
    )
    described = "Refusals by stage of the session and enhanced status code (RFC 3463)."
    yield Family("smtpy_refused_total", "counter", described, refused)
    yield _durations("smtpy_intake_seconds", "From the final dot to its answer, in seconds.", counted.intake_seconds)


def _way_out(counted: Counted) -> Iterator[Family]:
    attempts = {outcome.value: float(counted.attempts.get(outcome.value, 0)) for outcome in _OUTCOMES}
    yield counters_by("smtpy_delivery_attempts_total", "Delivery attempts by outcome.", "outcome", attempts)
    yield gauge(
        "smtpy_smarthost_refuses",
        "1 while the smart host does not let this process in.",
        float(bool(counted.not_let_in())),
    )
    yield _durations("smtpy_delivery_attempt_seconds", "Delivery attempts, in seconds.", counted.attempt_seconds)


def _queue(queue: QueueFigures) -> Iterator[Family]:
    states = (("waiting", queue.waiting), ("sending", queue.sending), ("held", queue.held))
    described = "Deliveries in the queue that all forwarders share, by state."
    samples = tuple(({"state": name}, float(count)) for name, count in states)
    yield Family("smtpy_queue_deliveries", "gauge", described, samples)
    yield gauge("smtpy_queue_overdue_seconds", "How late the most overdue delivery is.", queue.overdue_seconds)
    yield gauge("smtpy_leases", "Deliveries that this process has leased.", queue.leased_here)


def _process(process: ProcessFigures) -> Iterator[Family]:
    yield gauge("process_start_time_seconds", "When the process started, in Unix time.", process.started)
    yield counter("process_cpu_seconds_total", "Seconds of processor used.", process.cpu_seconds)
    if process.memory_bytes:
        yield gauge("process_resident_memory_bytes", "Memory in use.", process.memory_bytes)
    if process.open_files:
        yield gauge("process_open_fds", "Open files and sockets.", process.open_files)


def _durations(name: str, help_: str, histogram: Histogram) -> Family:
    return Family(name, "histogram", help_, histogram=histogram)
