"""Lists as Stripe gives them out: pages, newest first, with what was asked to be expanded (docs.stripe.com/api)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from smtpy_desktop.sandbox.stripe_ledger import StripeBookError, StripeLedger
from smtpy_desktop.sandbox.stripe_params import integer
from smtpy_desktop.sandbox.stripe_shapes import Object, list_of, visible

PAGE_PARAMETERS = ("limit", "starting_after", "ending_before", "expand")
_DEFAULT_PAGE, _LONGEST_PAGE, _DEEPEST = 10, 100, 4


def page_of(book: StripeLedger, given: Object, url: str, items: Sequence[Object]) -> Object:
    """Return one page of a list that is newest first; raise StripeBookError for a page that cannot be."""
    limit = integer(given.get("limit", str(_DEFAULT_PAGE)), "limit")
    if not 1 <= limit <= _LONGEST_PAGE:
        raise StripeBookError(
            f"This value must be between 1 and {_LONGEST_PAGE}.", code="parameter_invalid_integer", param="limit"
        )
    if "starting_after" in given and "ending_before" in given:
        raise StripeBookError(
            "You may only specify one of these parameters: ending_before, starting_after.", param="ending_before"
        )
    ids = [item["id"] for item in items]
    if "ending_before" in given:
        last = _place(ids, given["ending_before"], "ending_before")
        first = max(0, last - limit)
        more = first > 0
    else:
        first = _place(ids, given["starting_after"], "starting_after") + 1 if "starting_after" in given else 0
        last = first + limit
        more = last < len(items)
    paths = _expand_paths(given)
    for path in paths:
        if not path.startswith("data."):
            raise _not_expandable(path)
    inner = [path.removeprefix("data.") for path in paths]
    return list_of([_with_expanded(book, item, inner) for item in items[first:last]], url, has_more=more)


def expanded(book: StripeLedger, item: Object, given: Object) -> Object:
    """Return a copy of an object in which ids are replaced by their objects where that was asked for."""
    return _with_expanded(book, item, _expand_paths(given))


def _with_expanded(book: StripeLedger, item: Object, paths: Sequence[str]) -> Object:
    made = visible(item)
    for path in paths:
        _expand(book, made, path.split("."), path)
    return made


def _expand(book: StripeLedger, place: Any, way: list[str], path: str) -> None:
    """Replace what stands at the end of the way; lists on it are walked through one by one."""
    if isinstance(place, list):
        for one in place:
            _expand(book, one, way, path)
        return
    name, *rest = way
    if not isinstance(place, dict) or name not in place:
        raise _not_expandable(path)
    value = place[name]
    if isinstance(value, str):
        found = next((objects[value] for objects in book.objects.values() if value in objects), None)
        if found is None:
            raise _not_expandable(path)
        place[name] = value = visible(found)
    if rest and value is not None:
        _expand(book, value, rest, path)


def _expand_paths(given: Object) -> list[str]:
    paths = given.get("expand", [])
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise StripeBookError("Invalid array", code="parameter_invalid", param="expand")
    if any(path.count(".") >= _DEEPEST for path in paths):
        raise StripeBookError(f"You cannot expand more than {_DEEPEST} levels of a property", param="expand")
    return copy.copy(paths)


def _place(ids: list[str], wanted: object, param: str) -> int:
    if wanted not in ids:
        raise StripeBookError(f"No such object: '{wanted}'", code="resource_missing", param=param)
    return ids.index(str(wanted))


def _not_expandable(path: str) -> StripeBookError:
    return StripeBookError(f"This property cannot be expanded ({path}).", param="expand")
