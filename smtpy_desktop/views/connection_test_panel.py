"""The six steps of a connection test, each with its state, its time and its own words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.schemas.connection import ProbeStep, StepResult, StepState
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.card import Card, Notice
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import number, tr, translated

_LOOKS = {
    StepState.OK: ("circle-check", Tone.OK),
    StepState.WARNING: ("alert-triangle", Tone.WARN),
    StepState.FAILED: ("circle-x", Tone.BAD),
    StepState.SKIPPED: ("minus", Tone.MUTED),
}


class ConnectionTestPanel(Card):
    """Idle, running, finished or stopped; results are shown as they come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Connection test"), tr("saves and changes nothing"), parent)
        self.set_roomy()
        self.rows = {step: StepRow(step, self) for step in ProbeStep}
        for row in self.rows.values():
            self.body.addWidget(row)
        self._results: dict[ProbeStep, StepResult] = {}
        self.body.addSpacing(Space.XS)
        self.summary = Notice("", "", Tone.MUTED, self)
        self.body.addWidget(self.summary)
        self.body.addStretch(1)
        self.reset()

    @property
    def results(self) -> tuple[StepResult, ...]:
        """The steps that have ended, in order."""
        return tuple(self._results.values())

    def reset(self) -> None:
        """Forget the last test, because what it tested has changed."""
        self._results.clear()
        for row in self.rows.values():
            row.show_idle()
        self.summary.hide()

    def begin(self) -> None:
        """Show that the first step is under way."""
        self.reset()
        self.rows[next(iter(ProbeStep))].show_running()

    def show_result(self, result: StepResult) -> None:
        """Show how a step ended, and that the next one is under way."""
        self._results[result.step] = result
        self.rows[result.step].show_result(result)
        waiting = [step for step in ProbeStep if step not in self._results]
        if waiting and result.state not in (StepState.FAILED, StepState.SKIPPED):
            self.rows[waiting[0]].show_running()

    def finish(self) -> None:
        """Say what the whole test came to."""
        states = {result.state for result in self._results.values()}
        if StepState.FAILED in states:
            self._show_summary(tr("This server cannot be used yet. Mend what is marked and test again."), Tone.BAD)
        elif StepState.WARNING in states:
            self._show_summary(tr("This server can be used. Mind what is marked."), Tone.WARN)
        else:
            self._show_summary(tr("Everything is fine: this server can be used."), Tone.OK)

    def stop(self) -> None:
        """Show that the user stopped the test."""
        for step, row in self.rows.items():
            if step not in self._results:
                row.show_idle()
        self._show_summary(tr("Stopped. Nothing was saved."), Tone.MUTED)

    def _show_summary(self, words: str, tone: Tone) -> None:
        self.summary.show_words(words, "", tone)
        self.summary.show()
        announce(self, words, urgent=tone is Tone.BAD)


class StepRow(QWidget):
    """One step: icon and name, its time at the end, and below what was found and what to do."""

    def __init__(self, step: ProbeStep, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = translated(step.label)
        self._icon = IconLabel("clock", Tone.MUTED, self)
        self._time = PlainLabel("", self, tone=Tone.MUTED, size="small")
        self.message = PlainLabel("", self, size="small", wrap=True, selectable=True)
        self.hint = PlainLabel("", self, tone=Tone.MUTED, size="small", wrap=True, selectable=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(Space.S)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        head = QHBoxLayout()
        head.addWidget(PlainLabel(self._name, self, size="strong"), 1)
        head.addWidget(self._time)
        column.addLayout(head)
        column.addWidget(self.message)
        column.addWidget(self.hint)
        row.addLayout(column, 1)

    def show_idle(self) -> None:
        """Show that the step was not tried."""
        self._show("clock", Tone.MUTED, tr("not tried yet"))

    def show_running(self) -> None:
        """Show that the step is under way."""
        self._show("loader-2", Tone.ACCENT, tr("under way"))

    def show_result(self, result: StepResult) -> None:
        """Show how the step ended."""
        icon, tone = _LOOKS[result.state]
        word = _state_word(result.state)
        message = translated(result.message)
        hint = translated(result.hint) if result.hint is not None else ""
        time = "" if result.state is StepState.SKIPPED else tr("{n} ms", n=number(result.milliseconds))
        self._show(icon, tone, word, message, hint, time)
        failed = result.state is StepState.FAILED
        self.message.set_tone(Tone.BAD if failed else Tone.MUTED if result.state is StepState.SKIPPED else Tone.TEXT)
        self.hint.set_tone(Tone.TEXT if failed else Tone.MUTED)

    @property
    def state_words(self) -> str:
        """The whole row as a screen reader says it."""
        return self.accessibleName()

    def _show(self, icon: str, tone: Tone, word: str, message: str = "", hint: str = "", time: str = "") -> None:
        self._icon.set_icon(icon, tone, name=word)
        self._time.setText(time)
        for label, text in ((self.message, message), (self.hint, hint)):
            label.setText(text)
            label.setVisible(bool(text))
        self.setAccessibleName(f"{self._name}: {word}. {message} {hint}".strip())


def _state_word(state: StepState) -> str:
    return {
        StepState.OK: tr("fine"),
        StepState.WARNING: tr("usable, with something to know"),
        StepState.FAILED: tr("failed"),
        StepState.SKIPPED: tr("not tried"),
    }[state]
