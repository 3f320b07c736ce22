"""Rewriting envelope senders so that SPF passes and reports find their way back (SRS, as Mail::SRS::Guarded does it).

``SRS0=hash=day=host=local`` stands for ``local@host``. An address that is SRS already becomes ``SRS1=hash=first=rest``:
``first`` is the forwarder that rewrote it first and ``rest`` what that one wrote, so that further hops never make it
longer. A sender that does not fit into a local part is kept in a table; ``SRS0=hash=day=stored=token`` leads to it.

The hash is the beginning of an HMAC-SHA256 in base32. It has exactly ``HASH_LETTERS`` letters, is compared without
case (servers on the way may change that) and in constant time, and is looked at before anything else.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime

HASH_LETTERS = 10
"""50 bits: one address is forged in 10^15 tries on the average, each of them an SMTP command to us."""

MAX_AGE_DAYS = 30
"""Ours and two more servers on the way may keep a message for five days each, and then for an answer's sake."""

STORED_HOST = "stored"
"""Stands in place of the host where the rest is a token; a sender at a host of that name is stored, too."""

KEY_BYTES = 32

_TOKEN_LETTERS = 20
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_DAYS = 1024  # two letters
_AHEAD_DAYS = 1  # the clock of the forwarder that signed may be ahead of ours
_LONGEST_LOCAL_PART = 64  # octets, RFC 5321 section 4.5.3.1.1
_LONGEST_ADDRESS = 254  # octets: a path of 256 with its brackets, section 4.5.3.1.3

_TAG = re.compile(r"SRS([01])([=+-])", re.IGNORECASE)
_SIGNED = re.compile(rf"[a-z2-7]{{{HASH_LETTERS}}}", re.IGNORECASE)
_STAMP = re.compile(r"[a-z2-7]{2}", re.IGNORECASE)
_HOST = re.compile(r"[^\s=@\"\\()<>,;]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ATOMS = re.compile(r"[^\s\x00-\x1f\x7f\"(),.:;<>@\[\\\]]+(\.[^\s\x00-\x1f\x7f\"(),.:;<>@\[\\\]]+)*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TO_ESCAPE = re.compile(r'(["\\])')


class SrsFault(enum.StrEnum):
    """Why a local part is not taken for an address of ours."""

    MALFORMED = "malformed"
    FORGED = "forged"
    EXPIRED = "expired"
    STORED = "stored"  # it stands for a stored sender, and that is to be looked up
    UNKNOWN = "unknown"  # the sender that it stands for is not stored any more


class SrsError(Exception):
    """A local part does not lead back to a sender."""

    def __init__(self, code: SrsFault) -> None:
        self.code = code
        super().__init__(code.value)


def is_srs(local_part: str) -> bool:
    """Tell whether a local part looks like SRS (whoever made it)."""
    return _TAG.match(_unquoted(local_part)) is not None


def srs_forward(sender: str, domain: str, keys: Sequence[bytes], *, now: datetime) -> str | None:
    """Return the sender to send on with, at ``domain``, signed with the first key; ``""`` (the null sender) stays.

    None: it does not fit into 64 octets (or the path not into 256); it has to be stored (``srs_stored``). Quoted local
    parts come back with the quotes that they need. Raises ValueError for a sender with control characters.
    """
    if not sender:
        return ""
    if _CONTROL.search(sender):
        raise ValueError("an envelope sender has no control characters")
    written, _, host = sender.rpartition("@")
    content = _unquoted(written)
    local_part = _second_hop(content, host, keys[0]) or _first_hop(content, host, keys[0], now)
    return _fitting(local_part, domain) if local_part else None


def srs_stored(sender: str, domain: str, keys: Sequence[bytes], *, now: datetime) -> tuple[str, str]:
    """Return a token for a sender that is too long, and the sender to send on with in its place.

    The same sender has the same token under the same first key. Raises ValueError for a ``domain`` too long for it.
    """
    token = _letters(keys[0], "token", sender)[:_TOKEN_LETTERS]
    address = _fitting(_signed_local_part(keys[0], _stamp(now), STORED_HOST, token), domain)
    if address is None:
        raise ValueError(f"{domain} is too long for the domain of an address")
    return token, address


def srs_reverse(local_part: str, keys: Sequence[bytes], *, now: datetime) -> str:
    """Return the address that a local part of ours stands for, one hop back; any of the keys may have signed it.

    Raises SrsError: MALFORMED, FORGED, EXPIRED, or STORED for a stored sender (``srs_token`` then says which).
    """
    host, content = _opened(local_part, keys, now)
    if host.lower() == STORED_HOST:
        raise SrsError(SrsFault.STORED)
    return f"{_quoted(content)}@{host}"


def srs_token(local_part: str, keys: Sequence[bytes], *, now: datetime) -> str | None:
    """Return the token of a stored sender; None when a local part holds its sender itself. Raises SrsError."""
    host, content = _opened(local_part, keys, now)
    return content.upper() if host.lower() == STORED_HOST else None


def _first_hop(content: str, host: str, key: bytes, now: datetime) -> str | None:
    if not _is_host(host) or not content:
        return None
    return _signed_local_part(key, _stamp(now), host, content)


def _second_hop(content: str, host: str, key: bytes) -> str | None:
    """Rewrite what is SRS already; None when it is not, or only looks like it."""
    tag = _TAG.match(content)
    if tag is None or not _is_host(host):
        return None
    rest = content[tag.end() :]
    if tag[1] == "0":  # the separator of the one who wrote it is kept in front
        return _second_signed(key, host, tag[2] + rest)
    _, _, first_and_rest = rest.partition("=")
    first, separator, opaque = first_and_rest.partition("=")
    if not separator or not _is_host(first) or opaque[:1] not in ("=", "+", "-"):
        return None
    return _second_signed(key, first, opaque)


def _second_signed(key: bytes, first: str, opaque: str) -> str:
    return f"SRS1={_letters(key, 'SRS1', first, opaque)[:HASH_LETTERS]}={first}={opaque}"


def _signed_local_part(key: bytes, stamp: str, host: str, content: str) -> str:
    return f"SRS0={_letters(key, 'SRS0', stamp, host, content)[:HASH_LETTERS]}={stamp}={host}={content}"


def _is_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None and host.lower() != STORED_HOST


def _opened(local_part: str, keys: Sequence[bytes], now: datetime) -> tuple[str, str]:
    """Return host and unquoted local part that an SRS local part of ours stands for."""
    content = _unquoted(local_part)
    tag = _TAG.match(content)
    if tag is None or _CONTROL.search(content):
        raise SrsError(SrsFault.MALFORMED)
    signature, _, rest = content[tag.end() :].partition("=")
    if tag[1] == "1":
        first, _, opaque = rest.partition("=")
        _verify(signature, keys, "SRS1", first, opaque)
        return first, f"SRS0{opaque}"
    stamp, _, host_and_local = rest.partition("=")
    host, _, local = host_and_local.partition("=")
    _verify(signature, keys, "SRS0", stamp, host, local)
    if _age(stamp, now) > MAX_AGE_DAYS:
        raise SrsError(SrsFault.EXPIRED)
    return host, local


def _verify(signature: str, keys: Sequence[bytes], *parts: str) -> None:
    if not all(parts) or not _SIGNED.fullmatch(signature):  # ASCII letters alone from here on
        raise SrsError(SrsFault.MALFORMED)
    given = signature.upper()
    # A list: every key is tried, so that the time does not tell which one it was.
    if not any([hmac.compare_digest(_letters(key, *parts)[:HASH_LETTERS], given) for key in keys]):  # noqa: C419
        raise SrsError(SrsFault.FORGED)


def _letters(key: bytes, *parts: str) -> str:
    """The whole HMAC of some parts in base32; upper and lower case make no difference."""
    message = "\0".join(parts).lower().encode("utf-8", "surrogatepass")
    return base64.b32encode(hmac.new(key, message, hashlib.sha256).digest()).decode("ascii")


def _day(now: datetime) -> int:
    return int(now.astimezone(UTC).timestamp()) // 86400


def _stamp(now: datetime) -> str:
    day = _day(now) % _DAYS
    return _ALPHABET[day >> 5] + _ALPHABET[day & 31]


def _age(stamp: str, now: datetime) -> int:
    """Days since a stamp was made; it comes round after 1024."""
    if not _STAMP.fullmatch(stamp):
        raise SrsError(SrsFault.MALFORMED)
    high, low = (_ALPHABET.index(letter) for letter in stamp.upper())
    age = (_day(now) - (high << 5 | low)) % _DAYS
    return 0 if age >= _DAYS - _AHEAD_DAYS else age


def _fitting(content: str, domain: str) -> str | None:
    local_part = _quoted(content)
    octets = len(local_part.encode("utf-8", "surrogatepass"))
    whole = octets + 1 + len(domain.encode("utf-8", "surrogatepass"))
    return f"{local_part}@{domain}" if octets <= _LONGEST_LOCAL_PART and whole <= _LONGEST_ADDRESS else None


def _unquoted(local_part: str) -> str:
    """The content of a local part: quotes make no difference (RFC 5321 section 4.1.2)."""
    if len(local_part) >= 2 and local_part[0] == local_part[-1] == '"':
        return _ESCAPED.sub(r"\1", local_part[1:-1])
    return local_part


def _quoted(content: str) -> str:
    """A local part as it is written: with quotes where it needs them."""
    if _ATOMS.fullmatch(content):
        return content
    return '"' + _TO_ESCAPE.sub(r"\\\1", content) + '"'
