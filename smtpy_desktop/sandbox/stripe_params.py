"""Stripe's way to write nested parameters into a form: ``line_items[0][price]=price_1`` (docs.stripe.com/api)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from smtpy_desktop.sandbox.stripe_ledger import StripeBookError

_PART = re.compile(r"\[([^\[\]]*)\]")
_INTEGER = re.compile(r"-?[0-9]{1,12}")


def nested_parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the parameters as dictionaries and lists; values stay texts. Raises StripeBookError for a mixture."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        head = name.split("[", 1)[0]
        keys = [head, *_PART.findall(name[len(head) :])]
        place = found
        for key in keys[:-1]:
            place = place.setdefault(key or str(len(place)), {})
            if not isinstance(place, dict):
                raise StripeBookError(f"Invalid hash: {head}", code="parameter_invalid", param=head)
        place[keys[-1] or str(len(place))] = value
    return {key: _with_lists(value) for key, value in found.items()}


def refuse_unknown(given: dict[str, Any], allowed: Collection[str]) -> None:
    """Raise StripeBookError for the first parameter that is not allowed.

    ``line_items.price`` allows ``line_items[0][price]``, ``metadata.*`` every key below ``metadata``.
    """
    for path, name in _paths(given):
        if path not in allowed and f"{path.rpartition('.')[0]}.*" not in allowed:
            raise StripeBookError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def required(given: dict[str, Any], name: str) -> str:
    """Return a parameter; raise StripeBookError when it is missing or no text."""
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise StripeBookError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return value


def integer(value: object, name: str) -> int:
    """Return a number; raise StripeBookError for anything else."""
    if not isinstance(value, str) or not _INTEGER.fullmatch(value):
        raise StripeBookError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


def web_address(given: dict[str, Any], name: str) -> None:
    """Raise StripeBookError when a parameter is there and no address of the web."""
    value = given.get(name)
    if value is not None and not str(value).startswith(("https://", "http://")):
        raise StripeBookError("Not a valid URL", code="url_invalid", param=name)


def is_true(value: object) -> bool:
    """Tell whether a parameter says yes."""
    return value in ("true", "True", "1", True)


def _paths(value: Any, path: str = "", name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each value's path, without places in lists, and its name as it was sent."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, f"{path}.{key}" if path else key, f"{name}[{key}]" if name else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _paths(inner, path, f"{name}[{number}]")
    else:
        yield path, name


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = {key: _with_lists(inner) for key, inner in value.items()}
    if members and all(key.isdecimal() and key.isascii() for key in members):
        return [members[key] for key in sorted(members, key=int)]
    return members
