"""Awkward messages (tests/data/mail), and the keys that those among them are signed with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

PLACE = Path(__file__).parents[1] / "data" / "mail"


@dataclass(frozen=True)
class CorpusMail:
    """A message as it is received; ``holds``: how many DKIM signatures in it are right."""

    name: str
    raw: bytes

    @property
    def is_signed(self) -> bool:
        return self.name.startswith(("dkim-", "arc-"))


def corpus() -> list[CorpusMail]:
    """Return all messages, by name."""
    return [CorpusMail(path.stem, path.read_bytes()) for path in sorted(PLACE.glob("*.eml"))]


def corpus_mail(name: str) -> bytes:
    """Return one message."""
    return (PLACE / f"{name}.eml").read_bytes()


def corpus_keys() -> dict[str, str]:
    """Return the TXT records that the DNS has to hold, by their names."""
    return json.loads((PLACE / "keys.json").read_text(encoding="utf-8"))
