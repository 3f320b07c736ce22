"""A message as the sandbox's mail server has received it, and the file that keeps such messages byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_FIELDS = ("at", "client", "helo", "sender", "parameters", "recipients", "tls", "violations")


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail transaction; ``raw`` is what came between DATA and the final dot, dots taken off again.

    ``number`` counts from 1, ``at`` is seconds since 1970, ``sender`` is empty for ``<>``, ``tls`` the protocol's
    version. ``violations`` say what was wrong with it and was taken all the same.
    """

    number: int
    at: float
    client: str
    helo: str
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    parameters: tuple[str, ...] = ()
    tls: str | None = None
    violations: tuple[str, ...] = ()

    @property
    def received_at(self) -> datetime:
        """When the final dot was read."""
        return datetime.fromtimestamp(self.at, UTC)

    def header(self, name: str) -> str | None:
        """Return the first header field of that name, unfolded; octets that are no UTF-8 are replaced."""
        wanted = name.lower().encode() + b":"
        found: list[bytes] = []
        for line in self.raw.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            if found and line[:1] not in (b" ", b"\t"):
                break
            if found:
                found.append(line)
            elif line.lower().startswith(wanted):
                found.append(line[len(wanted) :])
        return b"".join(found).decode("utf-8", "replace").strip() if found else None

    def written(self) -> bytes:
        """Return the record of the file: a line of JSON with the size, the bytes, a line end."""
        known = {name: getattr(self, name) for name in _FIELDS} | {"size": len(self.raw)}
        return json.dumps(known).encode() + b"\n" + self.raw + b"\n"


def read_dump(path: Path) -> Iterator[ReceivedMail]:
    """Yield what a file keeps; a last record that is not whole was never answered and is left out."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline():
            if not line.endswith(b"\n"):
                return
            known = json.loads(line)
            raw = file.read(known.pop("size"))
            if file.read(1) != b"\n":
                return
            number += 1
            for name in ("recipients", "parameters", "violations"):
                known[name] = tuple(known[name])
            yield ReceivedMail(number=number, raw=raw, **known)
