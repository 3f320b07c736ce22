"""A text for the user that is written in one place and translated in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """An English template and the values in it; ``str()`` gives the English sentence."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.values)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready form that ``from_json`` reads back."""
        return {"template": self.template, "values": {key: _plain(value) for key, value in self.values.items()}}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Text:
        """Read what ``to_json`` wrote."""
        return Text(str(data["template"]), dict(data.get("values") or {}))


def text(template: str, /, **values: object) -> Text:
    """Build a ``Text``; the literal template is what the translation catalogue holds."""
    return Text(template, values)


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
