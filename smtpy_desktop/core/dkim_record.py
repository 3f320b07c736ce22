"""Compare published DKIM key records with the key that we sign with (RFC 6376 section 3.6.1)."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.dns_finding import Finding, excerpt, right, wrong
from smtpy_desktop.core.rsa_key_size import rsa_key_bits
from smtpy_desktop.core.tag_list import TagList, parse_tag_list, without_blanks
from smtpy_desktop.schemas.text import Text, text

SHORTEST_KEY_BITS = 1024
"""Verifiers must not accept shorter RSA keys (RFC 8301 section 3.2)."""

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}\Z")


@lru_cache(maxsize=4096)
def compare_dkim(host: str, wanted: str, values: tuple[str, ...]) -> Finding:
    """Judge the TXT values at a selector against the key record wanted there."""
    keys = tuple(value for value in values if looks_like_key(value))
    if not keys:
        return wrong(
            DnsCode.NO_RECORD,
            text(
                "There is a TXT record at {host}, but no DKIM key in it (no p= tag, RFC 6376 section 3.6.1): {found}",
                host=host,
                found=excerpt(values[0]),
            ),
        )
    if len(keys) > 1:
        return wrong(
            DnsCode.DKIM_SEVERAL_KEYS,
            text(
                "There are {count} DKIM keys at {host}. Only one is allowed, and which of them a receiver takes is"
                " undefined (RFC 6376 section 3.6.2.2). Delete all but the one wanted.",
                count=len(keys),
                host=host,
            ),
        )
    finding = _compare_key(parse_tag_list(wanted), parse_tag_list(keys[0]))
    if len(values) == 1:
        return finding
    foreign = next(value for value in values if value not in keys)
    return Finding(finding.verdict, finding.code, finding.reason, (*finding.warnings, _foreign_text(host, foreign)))


def looks_like_key(value: str) -> bool:
    """Tell whether a TXT value is meant as a DKIM key: it carries a ``p=`` tag or begins like one."""
    tags = parse_tag_list(value).tags
    version = tags.get("v", "")
    return version.upper().startswith("DKIM") or ("p" in tags and not version)


def decode_key(text_of_key: str) -> bytes | None:
    """Decode the content of ``p=``; None if it is not base64. Blanks and missing padding do not matter."""
    compact = without_blanks(text_of_key)
    if not _BASE64.match(compact):
        return None
    try:
        return base64.b64decode(compact.rstrip("=") + "=" * (-len(compact.rstrip("=")) % 4))
    except binascii.Error:
        return None


def _compare_key(wanted: TagList, found: TagList) -> Finding:
    problem = _syntax_problem(found)
    if problem is not None:
        return wrong(DnsCode.DKIM_SYNTAX, problem)
    if not found.tags["p"]:
        return wrong(
            DnsCode.DKIM_REVOKED,
            text("The key is revoked: p= is empty (RFC 6376 section 3.6.1). Publish the wanted key instead."),
        )
    key = decode_key(found.tags["p"])
    if key is None:
        return wrong(DnsCode.DKIM_SYNTAX, _base64_problem(without_blanks(found.tags["p"])))
    return _compare_material(wanted, found, key)


def _compare_material(wanted: TagList, found: TagList, key: bytes) -> Finding:
    kind = found.tags.get("k", "rsa")
    wanted_kind = wanted.tags.get("k", "rsa")
    if kind != wanted_kind:
        return wrong(
            DnsCode.DKIM_KEY_TYPE,
            text(
                "The key says k={found}, but we sign with {wanted} (RFC 6376 section 3.6.1; upper and lower case"
                " matter).",
                found=kind,
                wanted=wanted_kind,
            ),
        )
    bits = rsa_key_bits(key) if kind == "rsa" else None
    if bits is not None and bits < SHORTEST_KEY_BITS:
        return wrong(
            DnsCode.DKIM_SHORT_KEY,
            text(
                "The key published has only {bits} bits; receivers refuse less than 1024 (RFC 8301 section 3.2)."
                " Publish the wanted key.",
                bits=bits,
            ),
        )
    if key != decode_key(wanted.tags.get("p", "")):
        return wrong(DnsCode.DKIM_OTHER_KEY, _other_key(found.tags["p"], wanted.tags.get("p", ""), bits))
    return _restrictions(found) or right(*_flag_warnings(found))


def _other_key(found: str, wanted: str, bits: int | None) -> Text:
    if bits is None:
        return text(
            "Another key is published: p={found} instead of p={wanted} (RFC 6376 section 3.6.1).",
            found=excerpt(without_blanks(found), 40),
            wanted=excerpt(without_blanks(wanted), 40),
        )
    return text(
        "Another key ({bits} bits) is published: p={found} instead of p={wanted} (RFC 6376 section 3.6.1).",
        bits=bits,
        found=excerpt(without_blanks(found), 40),
        wanted=excerpt(without_blanks(wanted), 40),
    )


def _restrictions(found: TagList) -> Finding | None:
    """Find out whether ``h=`` or ``s=`` keeps our signatures (rsa-sha256, e-mail) from using a key that is right."""
    hashes = _colon_list(found.tags.get("h", "sha256"))
    if "sha256" not in hashes:
        return wrong(
            DnsCode.DKIM_HASH,
            text(
                "The key is right, but h={found} allows other hashes only; we sign with sha256 (RFC 6376 section"
                " 3.6.1). Remove the h= tag.",
                found=":".join(hashes),
            ),
        )
    services = _colon_list(found.tags.get("s", "*"))
    if not {"*", "email"} & set(services):
        return wrong(
            DnsCode.DKIM_SERVICE,
            text(
                "The key is right, but s={found} does not allow e-mail (RFC 6376 section 3.6.1). Remove the s= tag.",
                found=":".join(services),
            ),
        )
    return None


def _flag_warnings(found: TagList) -> list[Text]:
    flags = _colon_list(found.tags.get("t", ""))
    warnings = []
    if "y" in flags:
        warnings.append(
            text(
                "The key says t=y (testing): receivers may treat signed mail as if it were not signed (RFC 6376"
                " section 3.6.1). Remove the flag when tests are over."
            )
        )
    if "s" in flags:
        warnings.append(
            text("The key says t=s: it is valid for the domain itself, not for subdomains (RFC 6376 section 3.6.1).")
        )
    return warnings


def _syntax_problem(found: TagList) -> Text | None:
    if found.duplicates:
        return text(
            "The tag {tag}= stands twice, which makes the whole key invalid (RFC 6376 section 3.2).",
            tag=found.duplicates[0],
        )
    if found.malformed:
        return text(
            "A part of the key is no “tag=value”: {part} (RFC 6376 section 3.2).", part=excerpt(found.malformed[0], 60)
        )
    version = found.tags.get("v")
    if version is not None and version != "DKIM1":
        return text(
            "The version must be v=DKIM1 exactly, but v={found} is published (RFC 6376 section 3.6.1).",
            found=excerpt(version, 60),
        )
    if version is not None and found.first != "v":
        return text("v=DKIM1 must be the first tag of the key (RFC 6376 section 3.6.1).")
    if "p" not in found.tags:
        return text("The key itself is missing: there is no p= tag (RFC 6376 section 3.6.1).")
    return None


def _base64_problem(content: str) -> Text:
    strange = next((letter for letter in content.rstrip("=") if not _BASE64.match(letter)), None)
    if strange is None:
        return text("The key after p= is not complete base64 (RFC 6376 section 3.6.1): letters are missing.")
    return text(
        "The key after p= contains “{letter}”, which is no base64 letter (RFC 6376 section 3.6.1).", letter=strange
    )


def _foreign_text(host: str, value: str) -> Text:
    return text(
        "Beside the key there is another TXT record at {host} ({found}). Some receivers take that one for the key"
        " (RFC 6376 section 3.6.2.2). Delete it.",
        host=host,
        found=excerpt(value, 60),
    )


def _colon_list(content: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in content.split(":") if part.strip())
