"""Check the DMARC record that every domain is asked to publish (RFC 9989, and RFC 7489 for older receivers)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from smtpy_desktop.core.dmarc_record import POLICIES
from smtpy_desktop.core.dns_name import NameFault, normalize_name, shown, strip_blanks
from smtpy_desktop.core.tag_list import parse_tag_list
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import Text, text

FIELD = "mail.dmarc"
VERSION = "DMARC1"

_CHOICES = {
    "p": POLICIES,
    "sp": POLICIES,
    "np": POLICIES,
    "adkim": ("r", "s"),
    "aspf": ("r", "s"),
    "psd": ("y", "n", "u"),
    "t": ("y", "n"),
    "rf": ("afrf",),
}
_REPORTS = ("rua", "ruf")
_NUMBERS = {"pct": 100, "ri": 2**32 - 1}
_ORDER = ("v", "p")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.+=_~$&'*/?^`{|}#!-]|%[0-9A-Fa-f]{2}")
_FAILURE_OPTIONS = frozenset("01ds")
_SIZE_LIMIT = re.compile(r"![0-9]+[kmgt]?\Z", re.IGNORECASE)


def normal_record(raw: str) -> str:
    """Return the record in its plain form, version and policy first; raise FieldError for ``mail.dmarc``."""
    value = strip_blanks(raw).strip('"')
    listed = parse_tag_list(value)
    tags = {name.lower(): content for name, content in listed.tags.items()}
    if listed.malformed:
        raise _error("SYNTAX", text("“{part}” is no tag with a value.", part=shown(listed.malformed[0])), _HINT)
    if listed.duplicates or len(tags) < len(listed.tags):
        raise _error("TWICE", text("A tag appears twice in the record."), text("Keep each tag once."))
    if tags.get("v", "").upper() != VERSION or listed.first.lower() != "v":
        raise _error("VERSION", text("A DMARC record begins with “v=DMARC1”."), _HINT, _usable(tags))
    if "p" not in tags:
        raise _error("NO_POLICY", text("The record has no policy."), _HINT)
    _refuse_bare_addresses(tags)
    tags["v"] = VERSION
    return _written({name: _normal_value(name, tags[name]) for name in _in_order(tags)})


def report_uris(addresses: str) -> str:
    """Return ``mailto:`` URIs for e-mail addresses separated by commas or blanks; raise FieldError."""
    return ",".join(f"mailto:{_address(address)}" for address in re.split(r"[\s,;]+", addresses) if address)


def _in_order(tags: Iterable[str]) -> list[str]:
    return [*_ORDER, *(name for name in tags if name not in _ORDER)]


def _written(tags: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={content}" for name, content in tags.items())


def _refuse_bare_addresses(tags: dict[str, str]) -> None:
    """Offer the record with ``mailto:`` before each e-mail address that lacks it."""
    for name in filter(tags.__contains__, _REPORTS):
        uris = _split_uris(tags[name])
        mended = [f"mailto:{uri}" if "@" in uri and ":" not in uri else uri for uri in uris]
        if mended != uris:
            content = ",".join(mended)
            raise _error(
                "MAILTO",
                text("“{tag}={value}” lacks “mailto:”.", tag=name, value=shown(tags[name])),
                text("Write “{tag}={value}”.", tag=name, value=shown(content)),
                _usable(tags | {name: content}),
            )


def _split_uris(value: str) -> list[str]:
    return [stripped for uri in value.split(",") if (stripped := uri.strip())]


def _normal_value(name: str, value: str) -> str:
    if name == "v":
        return value
    if name in _CHOICES:
        return _choice(name, value.lower())
    if name in _REPORTS:
        return _report_list(name, value)
    if name in _NUMBERS:
        return _number(name, value)
    if name == "fo":
        return _failure_options(value.lower())
    raise _error(
        "UNKNOWN_TAG",
        text("“{tag}” is no tag that DMARC knows.", tag=shown(name)),
        text("Known tags: p, sp, np, rua, ruf, adkim, aspf, fo, psd, t (RFC 9989 section 4.7)."),
    )


def _choice(name: str, value: str) -> str:
    allowed = _CHOICES[name]
    if value in allowed:
        return value
    raise _error(
        "POLICY" if allowed is POLICIES else "VALUE",
        text("“{tag}={value}” is not allowed.", tag=name, value=shown(value)),
        text("Allowed: {values} (RFC 9989 section 4.7).", values=", ".join(allowed)),
    )


def _number(name: str, value: str) -> str:
    most = _NUMBERS[name]
    if value.isascii() and value.isdigit() and len(value) <= len(str(most)) and int(value) <= most:
        return str(int(value))
    raise _error(
        "VALUE",
        text("“{tag}={value}” is not allowed.", tag=name, value=shown(value)),
        text("Allowed: a number from 0 to {most} (RFC 7489 section 6.3).", most=most),
    )


def _failure_options(value: str) -> str:
    options = [option.strip() for option in value.split(":")]
    if _FAILURE_OPTIONS.issuperset(options):
        return ":".join(dict.fromkeys(options))
    raise _error(
        "VALUE",
        text("“fo={value}” is not allowed.", value=shown(value)),
        text("Allowed: 0, 1, d and s with colons between them (RFC 9989 section 4.7)."),
    )


def _report_list(name: str, value: str) -> str:
    uris = _split_uris(value)
    if not uris:
        raise _error("REPORT_ADDRESS", text("“{tag}=” has no address.", tag=name), _MAILTO_HINT)
    return ",".join(_report_uri(name, uri) for uri in uris)


def _report_uri(name: str, uri: str) -> str:
    if uri[:7].lower() != "mailto:":
        raise _error("MAILTO", text("“{tag}={uri}” is no “mailto:” address.", tag=name, uri=shown(uri)), _MAILTO_HINT)
    address = uri[7:]
    limit = _SIZE_LIMIT.search(address)
    size = limit.group().lower() if limit else ""
    return f"mailto:{_address(address.removesuffix(limit.group() if limit else ''))}{size}"


def _address(address: str) -> str:
    """Return an e-mail address as it stands in a URI (RFC 6068): “!”, “,” and “;” of the local part encoded."""
    local, at, domain = address.rpartition("@")
    try:
        name = normalize_name(domain)
    except NameFault:
        name = None
    if not at or name is None or len(name.labels) == 1 or not local or _LOCAL_PART.sub("", local):
        raise _error(
            "REPORT_ADDRESS",
            text("“{address}” is no e-mail address that reports can be sent to.", address=shown(address)),
            _MAILTO_HINT,
        )
    return f"{local.replace('!', '%21')}@{name.name}"


def _usable(tags: Mapping[str, str]) -> str | None:
    """Return the record that was probably meant: these tags after the right version, if that is a good one."""
    others = {name: content for name, content in tags.items() if name != "v"}
    try:
        return normal_record(_written({"v": VERSION, **others}))
    except FieldError:
        return None


_HINT = text("Example: v=DMARC1; p=quarantine; rua=mailto:dmarc@example.net (RFC 9989 section 4.7).")
_MAILTO_HINT = text("Example: rua=mailto:dmarc@example.net.")


def _error(kind: str, message: Text, hint: Text, suggestion: str | None = None) -> FieldError:
    return FieldError(FIELD, f"MAIL_DMARC_{kind}", message, hint=hint, suggestion=suggestion)
