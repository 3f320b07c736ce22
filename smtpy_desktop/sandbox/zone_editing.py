"""Single records of a sandbox zone as a person edits them: listed, read from what was typed, put in, taken out."""

from __future__ import annotations

from dataclasses import dataclass

import dns.exception
import dns.name

from smtpy_desktop.errors import FieldError
from smtpy_desktop.sandbox.dns_zones import Zone, Zones
from smtpy_desktop.schemas.text import text

RECORD_TYPES = ("TXT", "MX", "CNAME", "A", "AAAA", "NS")
_LONGEST_TTL = 604800


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """One record: ``name`` fully qualified without trailing dot, ``value`` as a zone file has it (TXT unquoted)."""

    name: str
    type: str
    ttl: int
    value: str


def records_of(zone: Zone) -> tuple[ZoneRecord, ...]:
    """Return every record of a zone: the domain itself first, then by name and type."""
    records = [
        ZoneRecord(name, type_, found.ttl, value)
        for (name, type_), found in zone.records.items()
        for value in found.values
    ]
    return tuple(sorted(records, key=lambda record: (record.name != zone.apex, record.name, record.type)))


def read_record(apex: str, name: str, type_: str, ttl: str, value: str) -> ZoneRecord:
    """Return the record that was typed; raise FieldError for ``name``, ``type``, ``ttl`` or ``value``.

    ``@`` and nothing at all stand for the domain itself; a name outside of it is taken as being below it.
    """
    type_ = type_.strip().upper()
    if type_ not in RECORD_TYPES:
        raise FieldError(
            "type",
            "SANDBOX_RECORD_TYPE",
            text("The sandbox knows no {type} records.", type=type_ or "—"),
            hint=text("Choose one of {types}.", types=", ".join(RECORD_TYPES)),
        )
    if not value.strip():
        raise FieldError(
            "value", "SANDBOX_RECORD_VALUE", text("The record has no value."), hint=text("Type or paste its value.")
        )
    return ZoneRecord(_full_name(apex, name), type_, _ttl(ttl), value.strip())


def put_record(zones: Zones, record: ZoneRecord, *, instead_of: ZoneRecord | None = None) -> None:
    """Put a record into its zone, in another one's place if so wished; nothing changes when its value is refused."""
    kept = [value for value in zones.values(record.name, record.type) if value != record.value]
    if instead_of is not None and (instead_of.name, instead_of.type) == (record.name, record.type):
        position = kept.index(instead_of.value) if instead_of.value in kept else len(kept)
        kept = [value for value in kept if value != instead_of.value]
        kept.insert(position, record.value)
        zones.set_records(record.name, record.type, kept, record.ttl)
        return
    zones.set_records(record.name, record.type, [*kept, record.value], record.ttl)
    if instead_of is not None:
        zones.remove_records(instead_of.name, instead_of.type, instead_of.value)


def _full_name(apex: str, typed: str) -> str:
    name = typed.strip().rstrip(".").lower()
    if name in ("", "@"):
        return apex
    full = name if name == apex or name.endswith(f".{apex}") else f"{name}.{apex}"
    try:
        dns.name.from_text(full)
        full.encode("ascii")
    except (dns.exception.DNSException, UnicodeError):
        raise FieldError(
            "name",
            "SANDBOX_RECORD_NAME",
            text("“{name}” cannot be a name in the DNS.", name=typed.strip()),
            hint=text("Write letters, digits, “-” and “_” between dots, each part at most 63 characters long."),
        ) from None
    return full


def _ttl(typed: str) -> int:
    digits = typed.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 7 and int(digits) <= _LONGEST_TTL):
        raise FieldError(
            "ttl",
            "SANDBOX_RECORD_TTL",
            text("The time to live is a number of seconds from 0 to {longest}.", longest=_LONGEST_TTL),
            hint=text("300 is usual."),
        )
    return int(digits)
