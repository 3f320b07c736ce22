"""Says in words how an alias stands, and what an import does with a line."""

from __future__ import annotations

from collections.abc import Sequence

from smtpy_desktop.schemas.aliases import LineAction, LineFault, Target
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.texts import tr, translated


def active_word(*, is_active: bool) -> str:
    """Return "Active" or "Inactive"."""
    return tr("Active") if is_active else tr("Inactive")


def active_pill(*, is_active: bool) -> PillCell:
    """Return the state as icon, word and tint."""
    return PillCell(
        active_word(is_active=is_active), Tone.OK if is_active else Tone.MUTED, None if is_active else "player-pause"
    )


def targets_text(targets: Sequence[Target]) -> str:
    """Return targets on one line."""
    return ", ".join(target.address for target in targets)


def action_word(action: LineAction) -> str:
    """Return what becomes of a line."""
    return {
        LineAction.ADD: tr("Will be added"),
        LineAction.CHANGE: tr("Will be changed"),
        LineAction.SAME: tr("Stays as it is"),
        LineAction.REFUSE: tr("Refused"),
    }[action]


def action_pill(action: LineAction) -> PillCell:
    """Return what becomes of a line as icon, word and tint."""
    icon, tone = {
        LineAction.ADD: ("plus", Tone.OK),
        LineAction.CHANGE: ("pencil", Tone.ACCENT),
        LineAction.SAME: ("check", Tone.MUTED),
        LineAction.REFUSE: (None, Tone.BAD),
    }[action]
    return PillCell(action_word(action), tone, icon)


def fault_sentence(fault: LineFault) -> str:
    """Return what is wrong with a line, what to do, and what was probably meant."""
    words = " ".join(translated(part) for part in (fault.message, fault.hint) if part is not None)
    if fault.suggestion is None:
        return words
    return tr("{words} Probably meant: {name}", words=words, name=" ".join(fault.suggestion.split()))
