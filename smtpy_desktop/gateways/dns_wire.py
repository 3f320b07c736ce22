"""DNS messages as bytes: building a question and reading just those parts of a response that this program needs.

A bulk verification reads tens of thousands of small messages; this reader does that in about a tenth of the time of a
complete parser. A property test holds it against dnspython's.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

from smtpy_desktop.schemas.dns import Question

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, NOTAUTH, BADVERS = 0, 1, 2, 3, 4, 5, 9, 16

_A, _NS, _CNAME, _SOA, _PTR, _MX, _TXT, _AAAA, _OPT = 1, 2, 5, 6, 12, 15, 16, 28, 41
_IN = 1
_MAX_DATAGRAM = 1232  # fits every path without fragments: DNS Flag Day 2020, RFC 9715
_OPT_RECORD = struct.pack("!BHHIH", 0, _OPT, _MAX_DATAGRAM, 0, 0)
_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_RESPONSE, _OPCODE, _AA, _TC, _RD, _RA = 0x8000, 0x7800, 0x0400, 0x0200, 0x0100, 0x0080
_ERRORS_WITHOUT_QUESTION = frozenset({FORMERR, SERVFAIL, NOTIMP, REFUSED})
_PLAIN_LABEL = b"abcdefghijklmnopqrstuvwxyz0123456789-_"
_PLAIN_TEXT = bytes(range(0x20, 0x7F))


class WireError(ValueError):
    """The bytes are no DNS message that can be read, or the name cannot be written into one."""


@dataclass(frozen=True, slots=True)
class ResourceRecord:
    """One record: ``name`` lower-case without trailing dot, ``value`` as a zone would hold it.

    TXT: the strings joined; SOA: its minimum field alone.
    """

    name: str
    type: int
    ttl: int
    value: str


@dataclass(frozen=True, slots=True)
class Response:
    """What is used of a response; a truncated one has no records."""

    rcode: int
    authoritative: bool
    truncated: bool
    recursion_available: bool
    answers: tuple[ResourceRecord, ...] = ()
    authority: tuple[ResourceRecord, ...] = ()
    additional: tuple[ResourceRecord, ...] = ()

    @property
    def soa(self) -> ResourceRecord | None:
        """The SOA of a negative answer; its ``value`` is the minimum field."""
        return next((record for record in self.authority if record.type == TYPES["SOA"]), None)

    @property
    def negative_ttl(self) -> int | None:
        """How many seconds "there is no such record" may be remembered (RFC 2308 section 5)."""
        return min(self.soa.ttl, int(self.soa.value)) if self.soa else None


class Query:
    """One question, written once, to be sent to many servers."""

    __slots__ = ("_flags", "question", "wire_question")

    def __init__(self, question: Question, *, recursive: bool) -> None:
        """Write the question; raises ``WireError`` for a name that no message can carry, ``KeyError`` for a type."""
        self.question = question
        self._flags = _RD if recursive else 0
        self.wire_question = write_name(question.name) + struct.pack("!HH", TYPES[question.type], _IN)

    def message(self, message_id: int, *, edns: bool = True) -> bytes:
        """Return the message with this id (0…65535), offering answers of 1232 bytes when ``edns``."""
        header = _HEADER.pack(message_id, self._flags, 1, 0, 0, 1 if edns else 0)
        return header + self.wire_question + (_OPT_RECORD if edns else b"")

    def is_answered_by(self, message_id: int, data: bytes) -> bool:
        """Tell whether the bytes are a response with our id to our question (RFC 5452 section 9.1)."""
        if len(data) < _HEADER.size:
            return False
        identifier, flags, questions = _HEADER.unpack_from(data)[:3]
        if identifier != message_id or not flags & _RESPONSE or flags & _OPCODE:
            return False
        if questions == 0:
            return flags & 0x0F in _ERRORS_WITHOUT_QUESTION
        return questions == 1 and data[12 : 12 + len(self.wire_question)].lower() == self.wire_question

    def read(self, data: bytes) -> Response:
        """Read a response that ``is_answered_by`` accepted; raises ``WireError`` when it is malformed."""
        _, flags, questions, *counts = _HEADER.unpack_from(data)
        start = _HEADER.size + (len(self.wire_question) if questions else 0)
        return _read_response(data, flags, counts, start)


def write_name(name: str) -> bytes:
    """Return a name (A-labels, no escapes) in lower case as length-prefixed labels; raises ``WireError``."""
    if not name:
        return b"\0"
    try:
        labels = [label.encode("ascii").lower() for label in name.split(".")]
    except UnicodeEncodeError as error:
        raise WireError(f"name {name!r} is not written in A-labels") from error
    if any(not 0 < len(label) < 64 or b"\\" in label for label in labels):
        raise WireError(f"name {name!r} has an empty label, one of more than 63 bytes or one with an escape")
    wire = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    if len(wire) > 255:
        raise WireError("the name is longer than 255 bytes")
    return wire


def show_text(data: bytes) -> str:
    r"""Return a TXT value for comparing and reading: as it is if printable UTF-8, else odd bytes as ``\ddd``."""
    if not data.translate(None, _PLAIN_TEXT):
        return data.decode("ascii")
    try:
        value = data.decode()
    except UnicodeDecodeError:
        value = "\0"
    return value if value.isprintable() else "".join(map(_show_byte, data))


def _show_byte(byte: int) -> str:
    return chr(byte) if byte in _PLAIN_TEXT else f"\\{byte:03d}"


def _read_response(data: bytes, flags: int, counts: list[int], start: int) -> Response:
    facts = (bool(flags & _AA), bool(flags & _TC), bool(flags & _RA))
    if flags & _TC:  # cut anywhere: what is in it must not be used (RFC 2181 section 9)
        return Response(flags & 0x0F, *facts)
    reader = _Reader(data, start)
    sections = [tuple(reader.records(count)) for count in counts]
    return Response(flags & 0x0F | reader.extended_rcode << 4, *facts, *sections)


class _Reader:
    """A position in a message and what was found on the way."""

    __slots__ = ("_data", "_names", "_position", "extended_rcode")

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self._position = start
        self._names: dict[int, str] = {}
        self.extended_rcode = 0

    def records(self, count: int) -> list[ResourceRecord]:
        found = []
        for _ in range(count):
            record = self._record()
            if record is not None:
                found.append(record)
        return found

    def _record(self) -> ResourceRecord | None:
        data = self._data
        name, position = self._name(self._position)
        if position + 10 > len(data):
            raise WireError("record cut off")
        type_, class_, ttl, length = _RECORD.unpack_from(data, position)
        position += 10
        self._position = end = position + length
        if end > len(data):
            raise WireError("record data cut off")
        if type_ == _OPT:
            self.extended_rcode = ttl >> 24
            return None
        if class_ != _IN:
            return None
        value = self._value(type_, position, end)
        if value is None:
            return None
        # RFC 2181 section 8: a TTL with the top bit set counts as zero.
        return ResourceRecord(name, type_, ttl if ttl < 0x80000000 else 0, value)

    def _value(self, type_: int, position: int, end: int) -> str | None:
        data = self._data
        if type_ == _TXT:
            return show_text(self._joined_strings(position, end))
        if type_ in (_NS, _CNAME, _PTR):
            return self._last_name(position, end)
        if type_ == _MX:
            if end - position < 3:
                raise WireError("MX data cut off")
            return f"{int.from_bytes(data[position : position + 2])} {self._last_name(position + 2, end)}"
        if type_ in (_A, _AAAA):
            if end - position != (4 if type_ == _A else 16):
                raise WireError("address of a wrong length")
            return str(ipaddress.ip_address(data[position:end]))
        if type_ == _SOA:
            return self._soa_minimum(position, end)
        return None

    def _last_name(self, position: int, end: int) -> str:
        name, stop = self._name(position)
        if stop != end:
            raise WireError("name of a wrong length")
        return f"{name}."

    def _joined_strings(self, position: int, end: int) -> bytes:
        data = self._data
        parts = []
        while position < end:
            stop = position + 1 + data[position]
            if stop > end:
                raise WireError("text cut off")
            parts.append(data[position + 1 : stop])
            position = stop
        return b"".join(parts)

    def _soa_minimum(self, position: int, end: int) -> str:
        position = self._name(self._name(position)[1])[1]
        if end - position != 20:
            raise WireError("SOA of a wrong length")
        return str(int.from_bytes(self._data[end - 4 : end]))

    def _name(self, position: int) -> tuple[str, int]:
        """Read the (perhaps compressed) name at a position; return it with the position after it."""
        data = self._data
        start = lowest = position
        after = -1
        labels: list[str] = []
        try:
            while length := data[position]:
                if length < 64:
                    labels.append(_show_label(data[position + 1 : position + 1 + length]))
                    position += 1 + length
                    continue
                if length < 0xC0:
                    raise WireError("label of an unknown kind")
                target = (length & 0x3F) << 8 | data[position + 1]
                after = position + 2 if after < 0 else after
                if target >= lowest:  # only ever backwards: no loops
                    raise WireError("name pointing forwards")
                known = self._names.get(target)
                if known is not None:
                    labels.append(known)
                    break
                position = lowest = target
        except IndexError as error:
            raise WireError("name cut off") from error
        name = ".".join(filter(None, labels))
        if len(name) > 1020:  # 255 bytes, each perhaps shown as \\ddd
            raise WireError("name too long")
        self._names[start] = name
        return name, position + 1 if after < 0 else after


def _show_label(label: bytes) -> str:
    label = label.lower()
    if not label.translate(None, _PLAIN_LABEL):
        return label.decode("ascii")
    return "".join(
        chr(byte) if 0x21 <= byte <= 0x7E and byte not in b'.\\"();@$' else f"\\{byte:03d}" for byte in label
    )
