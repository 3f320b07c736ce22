"""Recognise MX records that are nearly ours: appended zone, IP address, alias, priority twice, one wrong letter."""

from __future__ import annotations

from collections.abc import Mapping

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.mx_record import MxEntry, is_address, parse_mx, wanted_exchangers
from smtpy_desktop.core.near_miss_text import Explanation
from smtpy_desktop.core.one_letter import one_letter
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question, WantedRecord
from smtpy_desktop.schemas.text import text

_MOST_ALIAS_QUESTIONS = 3


def explain_mx(
    values: tuple[str, ...], wanted: tuple[WantedRecord, ...], probes: Mapping[Question, Answer]
) -> Explanation | None:
    """Name what keeps one of the MX values from being one of ours; None if none of them is close."""
    ours = wanted_exchangers(wanted)
    domain = wanted[0].host
    hosts = {entry.host for entry in ours}
    foreign = [entry for value in values if (entry := parse_mx(value)) is not None and entry.host not in hosts]
    for entry in foreign:
        explanation = (
            _appended_zone(entry.host, hosts, domain)
            or _mistyped(entry.host, ours)
            or _address(entry.host, ours)
            or _priority_twice(entry.host, hosts)
            or _alias(entry.host, hosts, probes)
        )
        if explanation is not None:
            return explanation
    return None


def alias_questions(values: tuple[str, ...], wanted: tuple[WantedRecord, ...]) -> tuple[Question, ...]:
    """Return what to ask to learn whether a foreign exchanger is but an alias of ours."""
    hosts = {entry.host for entry in wanted_exchangers(wanted)}
    foreign = [
        entry.host
        for value in values
        if (entry := parse_mx(value)) is not None
        and entry.host not in hosts
        and "." in entry.host
        and "\\" not in entry.host
        and not is_address(entry.host)
    ]
    return tuple(Question(host, "CNAME") for host in foreign[:_MOST_ALIAS_QUESTIONS])


def _appended_zone(host: str, ours: set[str], domain: str) -> Explanation | None:
    labels = domain.split(".")
    for own in ours:
        for start in range(len(labels) - 1):
            if host == f"{own}.{'.'.join(labels[start:])}":
                return DnsCode.NEAR_TRAILING_DOT, text(
                    "The MX record points to {found}: the zone's own name was added, as the final dot is missing (RFC"
                    " 1035 section 5.1). Enter {wanted}. with the dot at its end.",
                    found=host,
                    wanted=own,
                )
    return None


def _mistyped(host: str, ours: tuple[MxEntry, ...]) -> Explanation | None:
    for entry in ours:
        slip = one_letter(host, entry.host)
        if slip is not None:
            return DnsCode.NEAR_TYPO, slip.describe(host, entry.host)
    return None


def _address(host: str, ours: tuple[MxEntry, ...]) -> Explanation | None:
    if not is_address(host):
        return None
    return DnsCode.NEAR_MX_ADDRESS, text(
        "The MX record holds the IP address {found}. An MX record must name a host (RFC 5321 section 5.1, RFC 1035"
        " section 3.3.9): {wanted}.",
        found=host,
        wanted=ours[0].host,
    )


def _priority_twice(host: str, ours: set[str]) -> Explanation | None:
    priority, _, name = host.replace("\\032", " ").partition(" ")
    if not priority.isdigit() or name.strip() not in ours:
        return None
    return DnsCode.NEAR_MX_PRIORITY, text(
        "The priority was entered a second time as a part of the host: “{found}”. Enter only {wanted}. as the host"
        " (RFC 1035 section 3.3.9).",
        found=f"{priority} {name}",
        wanted=name.strip(),
    )


def _alias(host: str, ours: set[str], probes: Mapping[Question, Answer]) -> Explanation | None:
    answer = probes.get(Question(host, "CNAME"))
    if answer is None or answer.state is not AnswerState.FOUND:
        return None
    targets = {value.rstrip(".").lower() for value in (*answer.values, *answer.chain)}
    if not targets & ours:
        return None
    return DnsCode.NEAR_MX_ALIAS, text(
        "The MX record points to {found}, an alias (CNAME) for {wanted}. An MX record must not point to an alias (RFC"
        " 2181 section 10.3, RFC 5321 section 5.1): enter {wanted}. itself.",
        found=host,
        wanted=min(targets & ours),
    )
