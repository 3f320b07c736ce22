"""Walks through the parts of a message for the names and sizes of attachments and the beginning of its text.

One pass over the delimiter lines, with limits on their number, on depth and on parts: no parser, no copies of parts.
"""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote_to_bytes

from smtpy_desktop.core.encoded_text import decode, decode_base64, decode_words, one_line
from smtpy_desktop.schemas.messages import Attachment

MOST_DEPTH = 20
MOST_PARTS = 100
MOST_DELIMITERS = 20_000
"""Lines that begin with two hyphens and are compared with the boundaries."""

LONGEST_NAME = 255
LONGEST_PREVIEW = 500
_LONGEST_HEADER = 4096
_MOST_PARAMETERS = 64
_PREVIEW_BYTES = 4 * 1024
_HTML_PREVIEW_BYTES = 16 * 1024  # its text begins after a style sheet
_WALKED_BYTES = 40 * 1024 * 1024
_MOST_BOUNDARY = 250  # characters; RFC 2046 section 5.1.1 allows 70, and some write more
_PART_HEADER_BYTES = 8 * 1024

_FIELD = re.compile(
    rb"^(content-(?:type|disposition|transfer-encoding))[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]{1,80})/([A-Za-z0-9!#$&^_.+-]{1,120})")
_PARAMETER = re.compile(
    r";\s*([A-Za-z0-9_.!#$&+^-]{1,60}(?:\*[0-9]{1,3})?\*?)\s*=\s*(\"(?:[^\"\\]|\\.)*+[\"\\]?|[^;\s]*)", re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_HUGE_NUMBER = re.compile(r"&#[0-9]{8,}")  # Python refuses to read very long ones
_HIDDEN = ("style", "script", "head", "title")
_FILES = frozenset({"application", "image", "audio", "video", "font", "model"})
_NO_FILES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})


@dataclass(frozen=True, slots=True)
class PartHeaders:
    """The values of the three headers that say what a part is; empty where it has none."""

    type: bytes = b""
    disposition: bytes = b""
    encoding: bytes = b""


@dataclass(slots=True)
class _Part:
    """One part: what it is, and where its content lies in the message."""

    type: str
    parameters: dict[str, str]
    disposition: str
    name: str
    encoding: str
    start: int
    end: int = 0


@dataclass(slots=True)
class _Walk:
    """Where a walk stands: the boundaries it is inside of, outermost first, and the parts that it has met."""

    boundaries: list[bytes] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)


def read_parts(raw: bytes, header_length: int, headers: PartHeaders) -> tuple[tuple[Attachment, ...], str]:
    """Return the attachments and the beginning of the text; the header block of ``raw`` has so many bytes."""
    parts = [part for part in _leaves(raw, header_length, headers) if part.end > part.start or part.name]
    files = [part for part in parts if _is_file(part)]
    attachments = tuple(Attachment(part.name, part.type, _size(raw, part)) for part in files)
    texts = [part for part in parts if part.type.startswith("text/") and not _is_file(part)]
    plain = next((part for part in texts if part.type == "text/plain"), None)
    shown = plain or next(iter(texts), None)
    return attachments, _preview(raw, shown) if shown is not None else ""


def _leaves(raw: bytes, header_length: int, headers: PartHeaders) -> list[_Part]:
    """Return the parts that are no containers, in their order."""
    start = header_length + 2 if raw.startswith(b"\r\n", header_length) else header_length
    root = _part(headers, start)
    root.end = len(raw)
    if not _is_container(root):
        return [root]
    walk = _Walk([_boundary(root)])
    for at, is_end, following in _delimiters(raw, start, walk):
        if walk.parts and not walk.parts[-1].end:
            walk.parts[-1].end = max(at, walk.parts[-1].start)
        if is_end or len(walk.parts) >= MOST_PARTS:
            continue
        part = _read_part(raw, following)
        if _is_container(part) and len(walk.boundaries) < MOST_DEPTH:
            walk.boundaries.append(_boundary(part))
        else:
            walk.parts.append(part)
    if walk.parts and not walk.parts[-1].end:
        walk.parts[-1].end = len(raw)
    return walk.parts


def _delimiters(raw: bytes, start: int, walk: _Walk) -> Iterator[tuple[int, bool, int]]:
    """Yield where a delimiter line begins (with the CRLF before it), whether it closes, and where the next one starts.

    A delimiter of an outer part ends the inner ones, as the inner end may be missing.
    """
    last = start + _WALKED_BYTES
    at = start if raw.startswith(b"--", start) else raw.find(b"\r\n--", start, last)
    seen = 0
    while at >= 0 and walk.boundaries and seen < MOST_DELIMITERS and len(walk.parts) < MOST_PARTS:
        seen += 1
        begin = at + 4 if raw.startswith(b"\r\n", at) else at + 2
        end = raw.find(b"\r\n", begin, begin + _MOST_BOUNDARY + 2)
        line = raw[begin : end if end >= 0 else begin + _MOST_BOUNDARY].rstrip(b" \t")
        for depth in range(len(walk.boundaries) - 1, -1, -1):
            boundary = walk.boundaries[depth]
            is_end = line == boundary + b"--"
            if is_end or line == boundary:
                del walk.boundaries[depth + (0 if is_end else 1) :]
                following = end + 2 if end >= 0 else len(raw)
                yield at, is_end, following
                break
        at = raw.find(b"\r\n--", begin, last)


def _read_part(raw: bytes, start: int) -> _Part:
    """Return the part whose header block begins at ``start``."""
    if raw.startswith(b"\r\n", start):
        return _part(PartHeaders(), start + 2)
    end = raw.find(b"\r\n\r\n", start, start + _PART_HEADER_BYTES)
    block = raw[start : end if end >= 0 else start + _PART_HEADER_BYTES].partition(b"\r\n--")[0]
    values: dict[bytes, bytes] = {}
    for found in _FIELD.finditer(block):
        values.setdefault(found[1].lower(), found[2])
    headers = PartHeaders(
        values.get(b"content-type", b""),
        values.get(b"content-disposition", b""),
        values.get(b"content-transfer-encoding", b""),
    )
    return _part(headers, end + 4 if end >= 0 else start + len(block))


def _part(headers: PartHeaders, start: int) -> _Part:
    written = _flat(headers.type)
    found = _TYPE.match(written)
    kind = f"{found[1]}/{found[2]}".lower() if found is not None else "text/plain"
    parameters = _parameters(written)
    disposition = _flat(headers.disposition)
    name = _name(_parameters(disposition), "filename") or _name(parameters, "name")
    encoding = _flat(headers.encoding).strip().lower()
    return _Part(kind, parameters, disposition.partition(";")[0].strip().lower(), name, encoding, start)


def _flat(value: bytes) -> str:
    return decode(value[:_LONGEST_HEADER]).replace("\r\n", "") if value else ""


def _parameters(value: str) -> dict[str, str]:
    if ";" not in value:
        return {}
    found: dict[str, str] = {}
    for parameter in islice(_PARAMETER.finditer(value), _MOST_PARAMETERS):
        written = parameter[2]
        text = _ESCAPED.sub(r"\1", written[1:].removesuffix('"')) if written[:1] == '"' else written
        found.setdefault(parameter[1].lower(), text)
    return found


def _name(parameters: dict[str, str], name: str) -> str:
    """Return a parameter that may be in pieces and encoded (RFC 2231), or encoded as many do it against the rules."""
    plain = parameters.get(name)
    if plain is not None:
        return decode_words(plain.encode("utf-8", "replace"), LONGEST_NAME)
    pieces: list[tuple[str, bool]] = []
    for number in range(-1, 100):
        key = name if number < 0 else f"{name}*{number}"
        piece = parameters.get(f"{key}*", parameters.get(key))
        if piece is not None:
            pieces.append((piece, f"{key}*" in parameters))
        elif number >= 0:
            break
    if not pieces:
        return ""
    charset, first = "utf-8", pieces[0]
    if first[1] and first[0].count("'") >= 2:  # charset'language'value
        charset, _, rest = first[0].split("'", 2)
        pieces[0] = (rest, True)
    content = b"".join(unquote_to_bytes(text) if is_encoded else text.encode() for text, is_encoded in pieces)
    return one_line(decode(content, charset), LONGEST_NAME)


def _is_container(part: _Part) -> bool:
    return part.type.startswith("multipart/") and 0 < len(_boundary(part)) <= _MOST_BOUNDARY


def _boundary(part: _Part) -> bytes:
    return part.parameters.get("boundary", "").encode("utf-8", "replace").rstrip(b" ")


def _is_file(part: _Part) -> bool:
    if part.disposition == "attachment" or part.name:
        return True
    main_type = part.type.partition("/")[0]
    return (main_type in _FILES and part.type not in _NO_FILES) or part.type == "message/rfc822"


def _size(raw: bytes, part: _Part) -> int:
    """Return the size of the content, decoded where that is base64."""
    length = part.end - part.start
    if part.encoding != "base64":
        return length
    letters = length - 2 * raw.count(b"\r\n", part.start, part.end)
    padding = raw.count(b"=", max(part.start, part.end - 6), part.end)
    return max(0, letters * 3 // 4 - padding)


def _preview(raw: bytes, part: _Part) -> str:
    most = _HTML_PREVIEW_BYTES if part.type == "text/html" else _PREVIEW_BYTES
    content = raw[part.start : min(part.end, part.start + most)]
    if part.encoding == "base64":
        content = decode_base64(content)
    elif part.encoding == "quoted-printable":
        content = binascii.a2b_qp(content)
    text = decode(content, part.parameters.get("charset", "utf-8"))
    return one_line(_text_of_html(text) if part.type == "text/html" else text, LONGEST_PREVIEW)


def _text_of_html(written: str) -> str:
    """Return what is to be read of HTML, roughly: for a line in a list, never to be shown as HTML."""
    shown = written
    for name in _HIDDEN:
        shown = _without(shown, f"<{name}", f"</{name}>")
    shown = _without(shown, "<!--", "-->")
    return html.unescape(_HUGE_NUMBER.sub("\ufffd", _TAG.sub(" ", shown)))


def _without(written: str, begin: str, end: str) -> str:
    """Cut out what stands between two marks; one pass, to the end where the second is missing."""
    small = written.lower()
    if len(small) != len(written):
        small = written
    kept: list[str] = []
    at = 0
    while (first := small.find(begin, at)) >= 0:
        kept.append(written[at:first])
        last = small.find(end, first)
        if last < 0:
            return "".join(kept)
        at = last + len(end)
    return "".join([*kept, written[at:]])
