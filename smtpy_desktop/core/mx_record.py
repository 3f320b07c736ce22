"""Compare published mail exchangers with ours: names normalised, order by preference, foreign ones named."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.dns_finding import Finding, right, wrong
from smtpy_desktop.schemas.dns import WantedRecord
from smtpy_desktop.schemas.text import Text, text


@dataclass(frozen=True, slots=True)
class MxEntry:
    """One MX record: ``host`` lower-case without trailing dot, empty for the null MX of RFC 7505."""

    preference: int
    host: str

    def __str__(self) -> str:
        """Show it as in a sentence, where a final dot would look like the end."""
        return f"{self.preference} {self.host}"


def parse_mx(value: str) -> MxEntry | None:
    """Read "10 mx1.example.net."; None if it is not of that form."""
    preference, _, host = value.strip().partition(" ")
    if not (preference.isascii() and preference.isdigit()):
        return None
    return MxEntry(int(preference[:6]), host.strip().rstrip(".").lower())


def wanted_exchangers(wanted: Iterable[WantedRecord]) -> tuple[MxEntry, ...]:
    """Turn wanted MX records into entries, best preference first."""
    entries = (MxEntry(record.priority or 0, record.value.strip().rstrip(".").lower()) for record in wanted)
    return tuple(sorted(entries, key=lambda entry: entry.preference))


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address, which an MX record cannot hold (RFC 5321 section 5.1)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def compare_mx(domain: str, wanted: tuple[MxEntry, ...], values: tuple[str, ...]) -> Finding:
    """Judge the MX values of a domain; every one of ours must be there (RFC 5321 section 5.1)."""
    found = _best_per_host(entry for value in values if (entry := parse_mx(value)) is not None)
    if "" in found:
        return wrong(
            DnsCode.MX_NULL,
            text(
                "{domain} publishes the null MX (0 .), which says that it takes no mail at all (RFC 7505 section 3)."
                " Delete it and publish the wanted ones.",
                domain=domain,
            ),
        )
    missing = [entry for entry in wanted if entry.host not in found]
    if missing:
        return _missing(domain, wanted, missing, found)
    ours = {entry.host: found[entry.host] for entry in wanted}
    return right(*_order_warnings(wanted, ours), *_foreign_warnings(ours, found))


def _best_per_host(entries: Iterable[MxEntry]) -> dict[str, int]:
    best: dict[str, int] = {}
    for entry in entries:
        best[entry.host] = min(entry.preference, best.get(entry.host, entry.preference))
    return best


def _missing(domain: str, wanted: tuple[MxEntry, ...], missing: list[MxEntry], found: dict[str, int]) -> Finding:
    missing_text = ", ".join(map(str, missing))
    if len(missing) < len(wanted):
        return wrong(
            DnsCode.MX_MISSING,
            text(
                "One part of our mail servers is missing at {domain}: publish {missing} as well, so that mail still"
                " comes in when the other one is down (RFC 5321 section 5.1).",
                domain=domain,
                missing=missing_text,
            ),
        )
    listed = ", ".join(host for host, _ in sorted(found.items(), key=lambda item: item[1]))
    return wrong(
        DnsCode.MX_MISSING,
        text(
            "Mail for {domain} goes to {found}, not to us (RFC 5321 section 5.1). Publish the records shown.",
            domain=domain,
            found=listed,
        ),
    )


def _order_warnings(wanted: tuple[MxEntry, ...], ours: dict[str, int]) -> list[Text]:
    """Compare ranks, not numbers: 5 and 15 do the same as 10 and 20."""
    wanted_ranks = _ranks({entry.host: entry.preference for entry in wanted})
    if wanted_ranks == _ranks(ours):
        return []
    return [
        text(
            "Our mail servers stand in another order than wanted: {found} instead of {wanted}. Mail arrives, but the"
            " backup is used first or as often (RFC 5321 section 5.1).",
            found=", ".join(f"{preference} {host}" for host, preference in sorted(ours.items(), key=lambda i: i[1])),
            wanted=", ".join(map(str, wanted)),
        )
    ]


def _ranks(preferences: dict[str, int]) -> dict[str, int]:
    order = sorted(set(preferences.values()))
    return {host: order.index(preference) for host, preference in preferences.items()}


def _foreign_warnings(ours: dict[str, int], found: dict[str, int]) -> list[Text]:
    best, worst = min(ours.values()), max(ours.values())
    warnings = []
    for host, preference in sorted(found.items(), key=lambda item: item[1]):
        if host in ours or preference > worst:
            continue
        if preference < best:
            warnings.append(
                text(
                    "{host} (preference {preference}) is not ours and comes before all of ours: mail goes there first"
                    " (RFC 5321 section 5.1).",
                    host=host,
                    preference=preference,
                )
            )
        elif preference == best:
            warnings.append(
                text(
                    "{host} (preference {preference}) is not ours and has the same preference as our best: a part of"
                    " the mail goes there (RFC 5321 section 5.1).",
                    host=host,
                    preference=preference,
                )
            )
        else:
            warnings.append(
                text(
                    "{host} (preference {preference}) is not ours and is tried before or as often as our backup"
                    " (RFC 5321 section 5.1).",
                    host=host,
                    preference=preference,
                )
            )
    return warnings
