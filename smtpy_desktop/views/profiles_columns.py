"""What the list of profiles shows of each."""

from __future__ import annotations

from smtpy_desktop.schemas.profiles import ProfileEntry, ProfileRow
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.profile_mark import color_tone, current_profile, kind_word
from smtpy_desktop.views.widgets.texts import tr


def profile_columns() -> list[Column[ProfileRow]]:
    """Return the columns of the list of profiles."""
    return [
        Column(
            "name",
            tr("Profile"),
            lambda row: row.entry.name,
            width=170,
            required=True,
            tooltip=lambda row: row.entry.name,
            cell=_mark,
            value=lambda row: row.entry.name,
        ),
        Column("kind", tr("What it is for"), lambda row: kind_word(row.entry.kind), width=118, tone=_kind_tone),
        Column("state", tr("State"), state_words, width=152, tone=lambda row: Tone.MUTED),
        Column(
            "directory",
            tr("Folder"),
            lambda row: str(row.entry.directory),
            tooltip=lambda row: str(row.entry.directory),
            mono=True,
            elide_middle=True,
            stretch=True,
        ),
    ]


def state_words(row: ProfileRow) -> str:
    """Return what is to be known about a profile."""
    if is_current(row.entry):
        return tr("this window")
    if row.is_default:
        return tr("opened by default")
    return "" if row.exists else tr("nothing in it yet")


def is_current(entry: ProfileEntry) -> bool:
    """Return whether this window shows a profile."""
    current = current_profile()
    return current is not None and current.directory == entry.directory


def _mark(row: ProfileRow) -> PillCell:
    return PillCell(row.entry.name, color_tone(row.entry.color), "")


def _kind_tone(row: ProfileRow) -> Tone:
    return Tone.MUTED if row.entry.kind.value == "other" else Tone.TEXT
