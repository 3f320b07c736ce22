"""The columns of the list of domains."""

from __future__ import annotations

from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.schemas.domains import DomainRow, DomainSort
from smtpy_desktop.views.domain_words import record_mark, records_sentence, status_pill, status_word
from smtpy_desktop.views.tables.column_kinds import time_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import MarkCell
from smtpy_desktop.views.widgets.texts import tr

RECORDS = "records"
ORGANIZATION = DomainSort.ORGANIZATION.value
RECORDS_WIDTHS = (108, 316)
"""With the icons of the marks alone, and with their labels."""
ORGANIZATION_WIDTHS = (84, 150)
"""In a narrow window, and otherwise."""


def domain_columns() -> tuple[Column[DomainRow], ...]:
    """Return the columns; those that can be sorted have the id of their ``DomainSort``."""
    return (
        _name_column(),
        _status_column(),
        _records_column(),
        _organization_column(),
        _last_check_column(),
        _active_column(),
        _added_column(),
    )


def _name_column() -> Column[DomainRow]:
    return Column(
        DomainSort.NAME.value,
        tr("Domain"),
        lambda row: row.unicode_name,
        sortable=True,
        tooltip=_name_tooltip,
        value=lambda row: row.name,
        icon=lambda row: None if row.is_active else ("player-pause", Tone.MUTED),
        tone=lambda row: Tone.TEXT if row.is_active else Tone.MUTED,
        required=True,
        stretch=True,
        min_width=160,
    )


def _status_column() -> Column[DomainRow]:
    return Column(
        DomainSort.STATUS.value,
        tr("Status"),
        lambda row: status_word(row.status),
        width=114,
        sortable=True,
        value=lambda row: row.status.value,
        cell=lambda row: status_pill(row.status),
    )


def _records_column() -> Column[DomainRow]:
    return Column(
        RECORDS,
        tr("Records"),
        lambda row: records_sentence(row.records).replace("\n", ", "),
        width=RECORDS_WIDTHS[1],
        tooltip=lambda row: records_sentence(row.records),
        value=lambda row: {kind.value: verdict.value for kind, verdict in row.records.items()},
        cell=record_marks,
    )


def _organization_column() -> Column[DomainRow]:
    return Column(
        ORGANIZATION,
        tr("Organization"),
        lambda row: row.organization_name,
        width=ORGANIZATION_WIDTHS[1],
        sortable=True,
        tooltip=lambda row: row.organization_name,
        hidden=True,
    )


def _last_check_column() -> Column[DomainRow]:
    return time_column(
        DomainSort.LAST_CHECK.value, tr("Last check"), lambda row: row.last_checked_at, width=100, sortable=True
    )


def _active_column() -> Column[DomainRow]:
    return Column(
        DomainSort.ACTIVE.value,
        tr("Active"),
        lambda row: tr("yes") if row.is_active else tr("no"),
        width=76,
        sortable=True,
        value=lambda row: row.is_active,
        hidden=True,
    )


def _added_column() -> Column[DomainRow]:
    return time_column(
        DomainSort.CREATED.value, tr("Added"), lambda row: row.created_at, width=104, sortable=True, hidden=True
    )


def record_marks(row: DomainRow) -> tuple[MarkCell, ...]:
    """Return the five marks of a domain's records."""
    return tuple(record_mark(kind, row.records.get(kind)) for kind in RecordKind)


def _name_tooltip(row: DomainRow) -> str:
    lines = [row.unicode_name]
    if row.name != row.unicode_name:
        lines.append(tr("In the DNS: {name}", name=row.name))
    if not row.is_active:
        lines.append(tr("Inactive: no mail is accepted for it."))
    return "\n".join(lines)
