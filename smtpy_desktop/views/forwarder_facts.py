"""What the details of the Forwarder page tell of a destination and of a process, fact by fact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from smtpy_desktop.core.bounce_advice import advice_for
from smtpy_desktop.core.bounce_kinds import SIGN_IN_TROUBLES
from smtpy_desktop.core.visible_text import visible_text
from smtpy_desktop.schemas.forwarder import CERTIFICATE_ENDS, ForwarderProcess, QueueLine
from smtpy_desktop.views.forwarder_words import age_words, due_words, smart_host_trouble
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.key_value import Fact
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.texts import number, tr, translated

_ORDER = ("sessions", "accepted", "refused", "sent", "deferred", "failed", "uncertain")


def destination_facts(line: QueueLine) -> list[Fact]:
    """Return what waits for a destination, since when, until when, and what it answered last."""
    reply = visible_text(line.last_reply)
    return [
        *amount_facts([line]),
        Fact(tr("Oldest"), _oldest_words(line), copy=False),
        Fact(tr("Next attempt"), "—" if line.next_attempt_at is None else due_words(line.next_attempt_at), copy=False),
        Fact(tr("Last reply"), reply or tr("(none yet)"), copy=bool(reply)),
    ]


def amount_facts(lines: Sequence[QueueLine]) -> list[Fact]:
    """Return how much waits for some destinations together."""
    return [
        Fact(tr("Waiting"), number(sum(line.waiting for line in lines)), copy=False),
        Fact(tr("Sending"), number(sum(line.sending for line in lines)), copy=False),
        Fact(tr("Held"), number(sum(line.held for line in lines)), copy=False),
    ]


def process_facts(process: ForwarderProcess) -> list[Fact]:
    """Return what a process tells about itself."""
    names = _counter_names()
    return [
        Fact(tr("Name"), process.name, mono=True),
        Fact(tr("Process"), str(process.pid)),
        Fact(tr("Version"), process.version),
        Fact(tr("Listens at"), process.listen or tr("(nowhere)"), mono=True),
        Fact(tr("Workers"), number(process.workers), copy=False),
        Fact(tr("Started"), exact_time(process.started_at), copy=False),
        Fact(tr("Last sign of life"), exact_time(process.seen_at), copy=False),
        *(
            Fact(names.get(name, name), number(count), copy=False)
            for name, count in sorted(process.counters.items(), key=lambda pair: _counter_place(pair[0]))
            if name != CERTIFICATE_ENDS and name not in SIGN_IN_TROUBLES
        ),
        *_certificate_fact(process),
        *_smart_host_fact(process),
    ]


def _certificate_fact(process: ForwarderProcess) -> list[Fact]:
    ends = process.counters.get(CERTIFICATE_ENDS)
    if ends is None:
        return []
    return [Fact(tr("Certificate ends"), exact_time(datetime.fromtimestamp(ends, UTC)), copy=False)]


def _smart_host_fact(process: ForwarderProcess) -> list[Fact]:
    trouble = smart_host_trouble(process)
    return [] if trouble is None else [Fact(tr("Smart host"), translated(advice_for(trouble).heading), copy=False)]


def line_pill(line: QueueLine) -> PillCell:
    """Return how the queue of a destination stands, in a word."""
    if line.held and not line.waiting:
        return PillCell(tr("Held"), Tone.MUTED, "player-pause")
    if line.last_reply and line.waiting:
        return PillCell(tr("Put off"), Tone.WARN, "clock")
    if line.sending:
        return PillCell(tr("Sending"), Tone.ACCENT, "loader-2")
    return PillCell(tr("Waiting"), Tone.MUTED, "clock")


def _oldest_words(line: QueueLine) -> str:
    if line.oldest_at is None:
        return "—"
    return tr("{age}, since {time}", age=age_words(line.oldest_at), time=exact_time(line.oldest_at))


def _counter_names() -> dict[str, str]:
    return {
        "accepted": tr("Accepted"),
        "refused": tr("Refused"),
        "sessions": tr("Sessions"),
        "sent": tr("Delivered"),
        "deferred": tr("Put off"),
        "failed": tr("Failed"),
        "uncertain": tr("Uncertain"),
    }


def _counter_place(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)
