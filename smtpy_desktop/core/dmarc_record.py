"""Parse DMARC policy records and compare their meaning with the policy wanted (RFC 9989 sections 4.7, 4.8, 4.10)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.dns_finding import Finding, excerpt, right, wrong
from smtpy_desktop.core.tag_list import TagList, parse_tag_list
from smtpy_desktop.schemas.text import Text, text

POLICIES = ("none", "quarantine", "reject")
"""The policies from weak to strong; a policy's strength is its place, and -1 stands for "DMARC is not applied"."""

_KNOWN = {"v", "p", "sp", "np", "adkim", "aspf", "fo", "rua", "ruf", "psd", "t"}
_OBSOLETE = {"pct", "rf", "ri"}
_CHOICES = {"adkim": ("r", "s"), "aspf": ("r", "s"), "psd": ("y", "n", "u"), "t": ("y", "n")}
_VERSION = re.compile(r"[ \t]*v[ \t]*=[ \t]*DMARC1[ \t]*(;|\Z)")
_ALMOST_VERSION = re.compile(r"\s*v\s*=?\s*DMARC", re.IGNORECASE)
_MAIL_URI = re.compile(r"mailto:([^@\s,!]+@[^@\s,!]+)(![0-9]+[kmgt]?)?\Z", re.IGNORECASE)
_MOST_QUERIES = 8


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A DMARC policy record by its meaning: strengths as in ``POLICIES`` with test mode taken into account.

    ``strength`` counts for the domain itself, ``subdomain_strength`` for what lies below it. ``report_addresses``
    are the mail addresses of ``rua``, lower-case. ``problem`` names what makes a receiver fall back to no policy.
    """

    policy: str
    strength: int
    subdomain_strength: int
    report_addresses: tuple[str, ...]
    psd: str
    testing: bool
    problem: Text | None
    warnings: tuple[Text, ...]


def tree_walk_names(domain: str) -> tuple[str, ...]:
    """Return the names of the DNS tree walk from a domain up: at most 8 queries (RFC 9989 section 4.10)."""
    labels = domain.strip(".").lower().split(".")
    rest = labels[1:] if len(labels) < _MOST_QUERIES else labels[1 - _MOST_QUERIES :]
    parents = (".".join(rest[start:]) for start in range(len(rest)))
    return tuple(f"_dmarc.{name}" for name in (".".join(labels), *parents))


def is_dmarc_record(value: str) -> bool:
    """Tell whether a TXT value begins with exactly ``v=DMARC1`` as its first tag (RFC 9989 section 4.7)."""
    return _VERSION.match(value) is not None


@lru_cache(maxsize=4096)
def parse_dmarc(value: str) -> DmarcRecord | None:
    """Read a policy record; None if it is none (no version at its beginning, or a tag twice: RFC 6376 section 3.2)."""
    listed = parse_tag_list(value)
    if not is_dmarc_record(value) or listed.duplicates:
        return None
    tags = listed.tags
    addresses, address_warnings = _report_addresses(tags.get("rua", ""))
    problem = _policy_problem(tags)
    testing = tags.get("t", "n").lower() == "y"
    if problem is None:
        policy = tags["p"].lower()
        strength = _applied(policy, testing=testing)
        below = _applied(tags.get("sp", policy).lower(), testing=testing)
    else:  # RFC 9989 section 4.10.1: as p=none where reports are asked for, otherwise no DMARC at all
        policy = "none"
        strength = below = 0 if addresses else -1
    warnings = (*_tag_warnings(listed), *address_warnings, *_blank_warning(value))
    psd = tags.get("psd", "u").lower()
    return DmarcRecord(policy, strength, below, addresses, psd, testing, problem, warnings)


@lru_cache(maxsize=4096)
def compare_dmarc(host: str, wanted: str, values: tuple[str, ...]) -> Finding:
    """Judge the TXT values at ``_dmarc.<domain>``: the policy must be at least as strict as the one wanted."""
    records = [value for value in values if is_dmarc_record(value)]
    if not records:
        return _no_record(host, values)
    if len(records) > 1:
        return wrong(
            DnsCode.DMARC_SEVERAL_RECORDS,
            text(
                "There are {count} DMARC records at {host}; receivers then ignore them all (RFC 9989 section 4.10)."
                " Replace them all by the one shown.",
                count=len(records),
                host=host,
            ),
        )
    found = parse_dmarc(records[0])
    if found is None:
        return wrong(
            DnsCode.DMARC_SYNTAX,
            text(
                "The tag {tag}= stands twice, which makes the DMARC record invalid (RFC 6376 section 3.2). {found}",
                tag=parse_tag_list(records[0]).duplicates[0],
                found=excerpt(records[0], 200),
            ),
        )
    return compare_policies(wanted, found, records[0])


def compare_policies(wanted: str, found: DmarcRecord, value: str) -> Finding:
    """Compare the meaning of a parsed record for its own domain with the record wanted."""
    asked = parse_dmarc(wanted)
    least = max(asked.strength, 0) if asked else 0
    if found.strength < least or found.strength < 0:
        if found.problem is not None:
            return wrong(DnsCode.DMARC_SYNTAX, found.problem, *found.warnings)
        return wrong(DnsCode.DMARC_WEAKER_POLICY, _weaker(found, least, value), *found.warnings)
    if asked is None:
        return right(*found.warnings)
    if "sp" in parse_tag_list(wanted).tags and found.subdomain_strength < asked.subdomain_strength:
        return wrong(DnsCode.DMARC_WEAKER_POLICY, _weaker_below(found, asked), *found.warnings)
    return right(*_meaning_warnings(asked, found, wanted, value), *found.warnings)


def _applied(policy: str, *, testing: bool) -> int:
    """Return the strength of a policy; test mode asks for one level less (RFC 9989 section 4.7, tag t)."""
    return max(POLICIES.index(policy) - testing, 0)


def _policy_problem(tags: dict[str, str]) -> Text | None:
    """Name a p, sp or np that makes receivers fall back to p=none or to no DMARC (RFC 9989 section 4.10.1)."""
    if "p" not in tags:
        return text(
            "The DMARC record has no p= tag, so receivers take no action (RFC 9989 section 4.10.1; tag names are lower"
            " case). Publish the wanted one."
        )
    for name in ("p", "sp", "np"):
        if name in tags and tags[name].lower() not in POLICIES:
            return text(
                "{tag}={found} is no DMARC policy, so receivers treat the record as if it said “none” (RFC 9989"
                " section 4.10.1). Allowed are none, quarantine and reject.",
                tag=name,
                found=excerpt(tags[name], 60),
            )
    return None


def _weaker(found: DmarcRecord, least: int, value: str) -> Text:
    if found.testing and POLICIES.index(found.policy) >= least:
        return text(
            "The DMARC record says p={found} in test mode (t=y), which counts as p={counted}; wanted is at least"
            " p={wanted} (RFC 9989 section 4.7).",
            found=found.policy,
            counted=POLICIES[found.strength],
            wanted=POLICIES[least],
        )
    return text(
        "The DMARC policy published is p={found}, wanted is p={wanted} or stricter (RFC 9989 section 4.7). Found"
        " {record}",
        found=found.policy,
        wanted=POLICIES[least],
        record=excerpt(value, 200),
    )


def _weaker_below(found: DmarcRecord, asked: DmarcRecord) -> Text:
    return text(
        "For subdomains the DMARC policy published amounts to {found}, wanted is sp={wanted} or stricter (RFC 9989"
        " section 4.7).",
        found=POLICIES[max(found.subdomain_strength, 0)],
        wanted=POLICIES[asked.subdomain_strength],
    )


def _meaning_warnings(asked: DmarcRecord, found: DmarcRecord, wanted: str, value: str) -> list[Text]:
    warnings = [
        text(
            "The policy is right, but aggregate reports do not go to {address}: add mailto:{address} to the rua= tag"
            " (RFC 9989 section 4.7).",
            address=address,
        )
        for address in asked.report_addresses
        if address not in found.report_addresses
    ]
    if found.subdomain_strength < asked.subdomain_strength:
        warnings.append(
            text(
                "Subdomains are protected less than the domain itself: their policy amounts to {found} (RFC 9989"
                " section 4.7, tag sp).",
                found=POLICIES[max(found.subdomain_strength, 0)],
            )
        )
    wanted_tags, found_tags = parse_tag_list(wanted).tags, parse_tag_list(value).tags
    warnings += [
        text("{tag}=s (strict alignment) is wanted, but {tag}=r is in force (RFC 9989 section 4.7).", tag=tag)
        for tag in ("adkim", "aspf")
        if wanted_tags.get(tag, "r").lower() == "s" and found_tags.get(tag, "r").lower() != "s"
    ]
    return warnings


def _no_record(host: str, values: Sequence[str]) -> Finding:
    almost = next((value for value in values if _ALMOST_VERSION.match(value)), None)
    if almost is None:
        return wrong(
            DnsCode.NO_RECORD,
            text(
                "There is a TXT record at {host}, but no DMARC record: none begins with v=DMARC1 (RFC 9989 section"
                " 4.7). Found {found}",
                host=host,
                found=excerpt(values[0]),
            ),
        )
    return wrong(
        DnsCode.DMARC_SYNTAX,
        text(
            "The DMARC record must begin with v=DMARC1, in capitals and followed by a semicolon; otherwise receivers"
            " ignore it (RFC 9989 section 4.8). Found {found}",
            found=excerpt(almost, 200),
        ),
    )


def _report_addresses(content: str) -> tuple[tuple[str, ...], list[Text]]:
    addresses: list[str] = []
    warnings: list[Text] = []
    for uri in filter(None, (part.strip() for part in content.split(","))):
        match = _MAIL_URI.match(uri)
        if match is not None:
            addresses.append(match[1].lower())
            if match[2]:
                warnings.append(text("The size limit in rua={uri} is ignored since RFC 9989.", uri=excerpt(uri, 120)))
        elif ":" not in uri.partition("@")[0]:
            warnings.append(
                text("rua={uri} is no URI: write mailto: before the address (RFC 9989 section 4.6).", uri=excerpt(uri))
            )
    return tuple(addresses), warnings


def _tag_warnings(listed: TagList) -> list[Text]:
    warnings = [
        text("A part of the DMARC record is no tag and is ignored: {part} (RFC 9989 section 4.7).", part=excerpt(part))
        for part in listed.malformed
    ]
    for name, content in listed.tags.items():
        if name in _OBSOLETE:
            warnings.append(
                text(
                    "{tag}={content} is obsolete (RFC 9989 appendix C); only receivers that follow the older RFC 7489"
                    " look at it. Remove it.",
                    tag=name,
                    content=excerpt(content, 60),
                )
            )
        elif name not in _KNOWN:
            warnings.append(
                text("The tag {tag}= is unknown and ignored (RFC 9989 section 4.7).", tag=excerpt(name, 60))
            )
        elif name in _CHOICES and content.lower() not in _CHOICES[name]:
            warnings.append(
                text(
                    "{tag}={content} is no valid value and is ignored (RFC 9989 section 4.7).",
                    tag=name,
                    content=excerpt(content, 60),
                )
            )
    if listed.tags.get("t", "").lower() == "y":
        warnings.append(
            text("t=y (test mode) asks receivers to apply one level less than the policy (RFC 9989 section 4.7).")
        )
    return warnings


def _blank_warning(value: str) -> list[Text]:
    if value[:1] != "v":
        return [text("There is a blank before v=DMARC1; strict receivers ignore such a record (RFC 9989 section 4.8).")]
    return []
