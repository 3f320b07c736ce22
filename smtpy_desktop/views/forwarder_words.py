"""Says in words how the forwarders are, how a delivery stands, what an action does, and what is wrong in the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from smtpy_desktop.core.bounce_advice import advice_for
from smtpy_desktop.core.bounce_kinds import SIGN_IN_TROUBLES, BounceClass
from smtpy_desktop.schemas.books import BookClass
from smtpy_desktop.schemas.forwarder import ForwarderProcess, ForwarderState
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.queue import QueueAction, WaitingDelivery
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.relative_time import relative_time
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated

COMMAND = "smtpy-desktop forwarder"
"""What starts a forwarder on a server."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_EXACT_HOURS = 10
_HERE = (ForwardingPhase.STARTING, ForwardingPhase.RUNNING, ForwardingPhase.STOPPING)

_STATE_LOOKS = {
    ForwarderState.RUNNING: (Tone.OK, "circle-check"),
    ForwarderState.STOPPING: (Tone.ACCENT, "player-pause"),
    ForwarderState.STOPPED: (Tone.MUTED, "minus"),
    ForwarderState.SILENT: (Tone.BAD, "alert-triangle"),
}
_DELIVERY_LOOKS = {
    DeliveryState.QUEUED: (Tone.MUTED, "clock"),
    DeliveryState.SENDING: (Tone.ACCENT, "loader-2"),
    DeliveryState.DEFERRED: (Tone.WARN, "clock"),
    DeliveryState.UNCERTAIN: (Tone.WARN, "help-circle"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How forwarding stands: a tone, a word or two for the top bar, a heading, what to know, and what to do."""

    tone: Tone
    word: str
    heading: str
    words: str = ""
    advice: str = ""

    @property
    def sentences(self) -> str:
        """Everything there is to say."""
        return " ".join(part for part in (self.heading, self.words, self.advice) if part)


def forwarder_standing(processes: Sequence[ForwarderProcess], here: ForwardingState) -> Standing:
    """Return how forwarding stands, by the processes seen and the one that runs in this window."""
    standing = _standing_of(processes, here)
    not_let_in = [trouble for one in processes if (trouble := smart_host_trouble(one)) is not None]
    if standing.tone is Tone.BAD or not not_let_in:
        return standing
    advice = advice_for(not_let_in[0])
    return Standing(Tone.BAD, tr("Mail waits"), f"{translated(advice.heading)}.", translated(advice.words))


def smart_host_trouble(process: ForwarderProcess) -> BounceClass | None:
    """Return why the smart host does not let a running process in; None where it does, or where nothing is known."""
    if process.state is not ForwarderState.RUNNING:
        return None
    return next((BounceClass(name) for name in process.counters if name in SIGN_IN_TROUBLES), None)


def _standing_of(processes: Sequence[ForwarderProcess], here: ForwardingState) -> Standing:
    running = [one for one in processes if one.state is ForwarderState.RUNNING]
    silent = [one for one in processes if one.state is ForwarderState.SILENT]
    if here.phase is ForwardingPhase.FAILED:
        return _standing_failed(here)
    if here.phase in _HERE and not any(one.name != here.name for one in running):
        return _standing_here(here)
    if running:
        return _standing_running(running, silent)
    if silent:
        return Standing(Tone.BAD, tr("Forwarder silent"), tr("No forwarder is running."), _silent_words(silent))
    if processes:
        last = max(processes, key=lambda one: one.seen_at)
        words = tr(
            "The last one stopped {time} on {host}. Mail that was accepted waits in the queue until one runs again.",
            time=relative_time(last.seen_at),
            host=last.host,
        )
        return Standing(Tone.WARN, tr("Forwarder off"), tr("No forwarder is running."), words)
    words = tr("Mail is neither taken in nor delivered.")
    return Standing(Tone.MUTED, tr("No forwarder"), tr("No forwarder has been seen."), words)


def first_steps(*, may_run: bool) -> str:
    """Return what to do where no forwarder was ever seen; ``may_run``: one can run in this window."""
    words = tr(
        "Mail is taken in and delivered by forwarders: run “{command}” on your mail server, on as many hosts as you "
        "like, all with this database.",
        command=COMMAND,
    )
    return f"{words} {tr('To try it out, run one here.')}" if may_run else words


def state_word(state: ForwarderState) -> str:
    """Return how a process is doing."""
    return {
        ForwarderState.RUNNING: tr("Running"),
        ForwarderState.STOPPING: tr("Stopping"),
        ForwarderState.STOPPED: tr("Stopped"),
        ForwarderState.SILENT: tr("Silent"),
    }[state]


def state_pill(state: ForwarderState) -> PillCell:
    """Return the state of a process as a pill."""
    tone, icon = _STATE_LOOKS[state]
    return PillCell(state_word(state), tone, icon)


def state_sentence(process: ForwarderProcess) -> str:
    """Return what the state of a process means."""
    return {
        ForwarderState.RUNNING: tr("It takes mail in and delivers it."),
        ForwarderState.STOPPING: tr("It takes no new mail and finishes what is under way."),
        ForwarderState.STOPPED: tr("It was stopped in good order."),
        ForwarderState.SILENT: tr(
            "It has given no sign of life since {time}: the process or its machine was killed, or it cannot reach the "
            "database. What it was sending returns to the queue when its lease ends; nothing is lost.",
            time=relative_time(process.seen_at),
        ),
    }[process.state]


def delivery_pill(delivery: WaitingDelivery) -> PillCell:
    """Return how a delivery in the queue stands."""
    if delivery.held_at is not None:
        return PillCell(tr("Held"), Tone.MUTED, "player-pause")
    tone, icon = _DELIVERY_LOOKS.get(delivery.state, (Tone.MUTED, ""))
    return PillCell(delivery_word(delivery.state), tone, icon)


def delivery_pills() -> tuple[PillCell, ...]:
    """Return every pill that a delivery in the queue may have."""
    looks = _DELIVERY_LOOKS.items()
    held = PillCell(tr("Held"), Tone.MUTED, "player-pause")
    return (held, *(PillCell(delivery_word(state), tone, icon) for state, (tone, icon) in looks))


def delivery_word(state: DeliveryState) -> str:
    """Return what a state of a waiting delivery is called."""
    return {
        DeliveryState.QUEUED: tr("Waiting"),
        DeliveryState.SENDING: tr("Sending"),
        DeliveryState.DEFERRED: tr("Put off"),
        DeliveryState.UNCERTAIN: tr("Uncertain"),
    }.get(state, state.value)


def due_words(moment: datetime | None, now: datetime | None = None) -> str:
    """Return when the next attempt is: "now", "in 40 s", "in 12 min"."""
    seconds = 0 if moment is None else int((moment - (now or datetime.now(UTC))).total_seconds())
    if seconds <= 0:
        return tr("now")
    return tr("in {n} s", n=seconds) if seconds < _MINUTE else relative_time(moment, now)


def age_words(moment: datetime | None, now: datetime | None = None) -> str:
    """Return how old something is, as exactly as it matters: "40 s", "3 h 12 min", "14 h", "2 d 3 h"."""
    if moment is None:
        return ""
    seconds = max(0, int(((now or datetime.now(UTC)) - moment).total_seconds()))
    if seconds < _MINUTE:
        return tr("{n} s", n=seconds)
    if seconds < _HOUR:
        return tr("{n} min", n=seconds // _MINUTE)
    if seconds < _EXACT_HOURS * _HOUR:
        return tr("{h} h {m} min", h=seconds // _HOUR, m=seconds % _HOUR // _MINUTE)
    if seconds < _DAY:
        return tr("{n} h", n=seconds // _HOUR)
    return tr("{d} d {h} h", d=seconds // _DAY, h=seconds % _DAY // _HOUR)


def action_title(action: QueueAction) -> str:
    """Return an action as a menu names it, with its mnemonic."""
    return {
        QueueAction.RETRY: tr("Retry &now"),
        QueueAction.HOLD: tr("&Hold"),
        QueueAction.RELEASE: tr("&Release"),
        QueueAction.GIVE_UP: tr("&Give up…"),
    }[action]


def action_icon(action: QueueAction) -> str:
    """Return the icon of an action."""
    return {
        QueueAction.RETRY: "refresh",
        QueueAction.HOLD: "player-pause",
        QueueAction.RELEASE: "player-play",
        QueueAction.GIVE_UP: "circle-x",
    }[action]


def fault_word(kind: BookClass) -> str:
    """Return what is wrong with a message in a few words."""
    return {
        BookClass.GONE: tr("Message is gone"),
        BookClass.IDLE: tr("Nothing sends it"),
        BookClass.REOPENED: tr("Still waits"),
        BookClass.STUCK: tr("Stuck"),
    }.get(kind, kind.value)


def fault_sentence(kind: BookClass) -> str:
    """Return what is wrong with a message, and what to do."""
    return {
        BookClass.GONE: tr(
            "Accepted, but not there any more, and nothing says who removed it. Look into a backup, and ask who "
            "changes this database besides the program."
        ),
        BookClass.IDLE: tr(
            "Under way by the status, but no delivery is left that would send it. Open the message and retry it, or "
            "give it its true status."
        ),
        BookClass.REOPENED: tr(
            "Done by the status, but deliveries still wait. Open the message: update its status once more to close "
            "them, or make it pending."
        ),
        BookClass.STUCK: tr(
            "Taken by a forwarder that has not been heard of since, and by no other. Start a forwarder: it is tried "
            "again then."
        ),
    }.get(kind, "")


def _standing_failed(here: ForwardingState) -> Standing:
    words = " ".join(translated(each) for each in (here.reason, here.detail) if each is not None)
    advice = translated(here.hint) if here.hint is not None else ""
    return Standing(Tone.BAD, tr("Forwarder failed"), tr("The forwarder here could not run."), words, advice)


def _standing_here(here: ForwardingState) -> Standing:
    if here.phase is ForwardingPhase.STARTING:
        return Standing(Tone.ACCENT, tr("Forwarder starting"), tr("The forwarder here is starting."))
    if here.phase is ForwardingPhase.STOPPING:
        words = tr("It takes no new mail and finishes what is under way.")
        return Standing(Tone.ACCENT, tr("Forwarder stopping"), tr("The forwarder here is stopping."), words)
    places = ", ".join(f"{host}:{port}" for host, port in here.smtp)
    words = tr("It listens at {places} until it is stopped or the window is closed.", places=places) if places else ""
    if not here.has_database:
        words = tr("It cannot reach the database now, and asks senders to come again later.")
        return Standing(Tone.WARN, tr("Forwarder waits"), tr("A forwarder is running here."), words)
    return Standing(Tone.OK, tr("Forwarder"), tr("A forwarder is running here."), words)


def _standing_running(running: Sequence[ForwarderProcess], silent: Sequence[ForwarderProcess]) -> Standing:
    hosts = len({one.host for one in running})
    heading = tr_n("{n} forwarder is running", "{n} forwarders are running", len(running))
    where = tr("on {host}.", host=running[0].host) if hosts == 1 else tr_n("on {n} host.", "on {n} hosts.", hosts)
    heading = f"{heading} {where}"
    if silent:
        return Standing(Tone.WARN, tr("Forwarder silent"), heading, _silent_words(silent))
    return Standing(Tone.OK, tr("Forwarder"), heading)


def _silent_words(silent: Sequence[ForwarderProcess]) -> str:
    first = silent[0]
    if len(silent) == 1:
        return tr(
            "{host} (process {pid}) has given no sign of life since {time}. What it was sending returns to the queue.",
            host=first.host,
            pid=first.pid,
            time=relative_time(first.seen_at),
        )
    return tr_n(
        "{n} process has given no sign of life for a while. What it was sending returns to the queue.",
        "{n} processes have given no sign of life for a while. What they were sending returns to the queue.",
        len(silent),
    )
