"""The columns of the list of aliases, and of the preview of an import."""

from __future__ import annotations

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.aliases import AliasRow, AliasSort, PlannedLine
from smtpy_desktop.views.alias_words import (
    action_pill,
    action_word,
    active_pill,
    active_word,
    fault_sentence,
    targets_text,
)
from smtpy_desktop.views.tables.column_kinds import time_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.texts import number, tr


def alias_columns() -> tuple[Column[AliasRow], ...]:
    """Return the columns; those that can be sorted have the id of their ``AliasSort``."""
    return (_address_column(), _targets_column(), _active_column(), _domain_column(), _updated_column(), _note_column())


def preview_columns() -> tuple[Column[PlannedLine], ...]:
    """Return the columns of the lines of a list that is to be imported."""
    return (
        Column("line", tr("Line"), lambda row: number(row.line.number), width=56, align_end=True),
        Column("action", tr("What happens"), _action, width=152, cell=lambda row: action_pill(row.action)),
        Column("address", tr("Alias"), _typed, width=190, tooltip=_typed),
        Column("outcome", tr("Forwards to"), _outcome, tooltip=_outcome, tone=_outcome_tone, stretch=True),
    )


def _address_column() -> Column[AliasRow]:
    return Column(
        AliasSort.ADDRESS.value,
        tr("Alias"),
        lambda row: visible_line(row.unicode_address),
        width=206,
        sortable=True,
        tooltip=_address_tooltip,
        value=lambda row: row.address,
        tone=_tone,
        required=True,
    )


def _targets_column() -> Column[AliasRow]:
    return Column(
        "targets",
        tr("Forwards to"),
        lambda row: visible_line(targets_text(row.targets)),
        tooltip=lambda row: "\n".join(target.address for target in row.targets),
        value=lambda row: [target.address for target in row.targets],
        tone=_tone,
        stretch=True,
        min_width=140,
    )


def _active_column() -> Column[AliasRow]:
    return Column(
        AliasSort.ACTIVE.value,
        tr("State"),
        lambda row: active_word(is_active=row.is_active),
        width=106,
        sortable=True,
        value=lambda row: row.is_active,
        cell=lambda row: active_pill(is_active=row.is_active),
    )


def _domain_column() -> Column[AliasRow]:
    return Column(
        AliasSort.DOMAIN.value,
        tr("Domain"),
        lambda row: row.unicode_domain,
        width=96,
        sortable=True,
        tooltip=lambda row: row.unicode_domain,
        value=lambda row: row.domain,
        tone=lambda row: Tone.MUTED,
    )


def _updated_column() -> Column[AliasRow]:
    return time_column(AliasSort.UPDATED.value, tr("Updated"), lambda row: row.updated_at, sortable=True)


def _note_column() -> Column[AliasRow]:
    return Column(
        "note",
        tr("Note"),
        lambda row: visible_line(row.note),
        width=150,
        tooltip=lambda row: row.note,
        hidden=True,
    )


def _tone(row: AliasRow) -> Tone:
    return Tone.TEXT if row.is_active else Tone.MUTED


def _address_tooltip(row: AliasRow) -> str:
    lines = [row.unicode_address]
    if row.note:
        lines.append(row.note)
    if not row.is_active:
        lines.append(tr("Inactive: its mail is refused."))
    return "\n".join(lines)


def _typed(row: PlannedLine) -> str:
    line = row.line
    return visible_line(f"{line.local_part}@{line.domain}" if line.key else line.typed)


def _action(row: PlannedLine) -> str:
    return action_word(row.action)


def _outcome(row: PlannedLine) -> str:
    return visible_line(fault_sentence(row.fault) if row.fault is not None else targets_text(row.line.targets))


def _outcome_tone(row: PlannedLine) -> Tone:
    return Tone.BAD if row.fault is not None else Tone.TEXT
