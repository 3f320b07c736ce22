"""Stripe's way to write nested parameters into a form: ``line_items[0][price]=price_1`` (docs.stripe.com/api)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_PART = re.compile(r"\[([^\[\]]*)\]")


def nested_parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the parameters as dictionaries and lists; values stay texts."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        head = name.split("[", 1)[0]
        keys = [head, *_PART.findall(name[len(head) :])]
        place = found
        for key in keys[:-1]:
            place = place.setdefault(key or str(len(place)), {})
        place[keys[-1] or str(len(place))] = value
    return {key: _with_lists(value) for key, value in found.items()}


def is_true(value: object) -> bool:
    """Tell whether a parameter says yes."""
    return value in ("true", "True", "1", True)


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = {key: _with_lists(inner) for key, inner in value.items()}
    if members and all(key.isdigit() for key in members):
        return [members[key] for key in sorted(members, key=int)]
    return members
