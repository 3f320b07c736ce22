"""How the sandbox's page names and marks the states of zones, ways to break records, and faults."""

from __future__ import annotations

from collections.abc import Callable

from smtpy_desktop.sandbox.dns_breaking import Breakage
from smtpy_desktop.sandbox.dns_zones import ZoneFault
from smtpy_desktop.sandbox.zone_editing import ZoneRecord
from smtpy_desktop.sandbox.zone_state import ZoneCondition, ZonePart, ZoneRow
from smtpy_desktop.views.domain_words import kind_name, short_host
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.texts import tr

_LYING_RESOLVER = 1
FAULTS = (
    ZoneFault(),
    ZoneFault(delay_milliseconds=1000),
    ZoneFault(delay_milliseconds=5000),
    ZoneFault(rcode="SERVFAIL"),
    ZoneFault(rcode="REFUSED"),
    ZoneFault(is_silent=True),
    ZoneFault(truncates=True),
    ZoneFault(lying_resolver=_LYING_RESOLVER),
)
"""What can be chosen to go wrong with a zone; the first one is nothing."""


def condition_pill(condition: ZoneCondition) -> PillCell:
    """Return a zone's state as a pill."""
    match condition:
        case ZoneCondition.PUBLISHED:
            return PillCell(tr("Published"), Tone.OK)
        case ZoneCondition.PARTLY:
            return PillCell(tr("Partly"), Tone.WARN)
        case ZoneCondition.BROKEN:
            return PillCell(tr("Broken"), Tone.BAD)
        case ZoneCondition.NO_ZONE:
            return PillCell(tr("No zone"), Tone.MUTED, "world")


def fault_words(fault: ZoneFault) -> str:
    """Return how the servers answer about a zone."""
    if fault.is_silent:
        return tr("No answer")
    if fault.rcode:
        return fault.rcode
    if fault.truncates:
        return tr("Cut short over UDP")
    if fault.lying_resolver is not None:
        return tr("One resolver disagrees")
    if fault.delay_milliseconds:
        return tr("After {seconds} s", seconds=fault.delay_milliseconds // 1000)
    return tr("At once") if fault == ZoneFault() else tr("With a fault")


def row_sentence(row: ZoneRow) -> str:
    """Return in one sentence how a zone stands to what the program wants."""
    if not row.has_zone:
        return tr("The DNS does not know this domain. Publish the wanted records, or add one.")
    wrong = [kind_name(kind) for kind, part in row.parts.items() if part is ZonePart.DIFFERENT]
    missing = [kind_name(kind) for kind, part in row.parts.items() if part is ZonePart.MISSING]
    if wrong and missing:
        return tr("Different: {wrong}. Missing: {missing}.", wrong=", ".join(wrong), missing=", ".join(missing))
    if wrong:
        return tr("Different from what is wanted: {wrong}.", wrong=", ".join(wrong))
    if missing:
        return tr("Missing: {missing}.", missing=", ".join(missing))
    return tr("All records are published as wanted.")


def breakage_words(how: Breakage) -> str:
    """Return what a mistake is called in the menu."""
    return {
        Breakage.MISSING: tr("Missing"),
        Breakage.TYPO: tr("One letter left out"),
        Breakage.CUT_SHORT: tr("Cut short"),
        Breakage.DOUBLED_SUFFIX: tr("Domain appended twice"),
        Breakage.WRONG_LABEL: tr("At the wrong name"),
        Breakage.SECOND_RECORD: tr("A second record beside it"),
        Breakage.SMART_QUOTES: tr("In curly quotes"),
        Breakage.SPLIT_WITH_BLANKS: tr("Split with a blank"),
        Breakage.WILDCARD: tr("Only at a wildcard"),
    }[how]


def zone_columns() -> tuple[Column[ZoneRow], ...]:
    """Return the columns of the list of zones."""
    return (
        Column(
            "name",
            tr("Domain"),
            lambda row: row.unicode_name,
            tooltip=lambda row: row.name,
            value=lambda row: row.name,
            required=True,
            stretch=True,
        ),
        Column(
            "zone",
            tr("Zone"),
            lambda row: condition_pill(row.condition).text,
            width=116,
            tooltip=row_sentence,
            value=lambda row: row.condition.value,
            cell=lambda row: condition_pill(row.condition),
        ),
        Column(
            "answers",
            tr("Answers"),
            lambda row: fault_words(row.fault),
            width=132,
            tooltip=lambda row: fault_words(row.fault),
            tone=lambda row: Tone.MUTED if row.fault == ZoneFault() else Tone.WARN,
        ),
    )


def record_columns(apex: Callable[[], str]) -> tuple[Column[ZoneRecord], ...]:
    """Return the columns of the table of a zone's records; ``apex`` gives the domain of the zone that is shown."""
    return (
        Column(
            "name",
            tr("Name"),
            lambda row: short_host(row.name, apex()),
            width=196,
            tooltip=lambda row: row.name,
            value=lambda row: row.name,
            mono=True,
            required=True,
        ),
        Column("type", tr("Type"), lambda row: row.type, width=72),
        Column("ttl", tr("TTL"), lambda row: str(row.ttl), width=72, value=lambda row: row.ttl, align_end=True),
        Column(
            "value",
            tr("Value"),
            lambda row: row.value,
            tooltip=lambda row: row.value,
            mono=True,
            required=True,
            stretch=True,
        ),
    )
