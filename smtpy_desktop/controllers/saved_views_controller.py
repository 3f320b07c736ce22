"""Saved searches: listing, saving, choosing the default, and carrying them elsewhere as JSON."""

from __future__ import annotations

import json
from typing import Any

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.object_name import parse_object_name
from smtpy_desktop.database import saved_views_database
from smtpy_desktop.errors import FieldError, NotFoundError, UserFacingError
from smtpy_desktop.schemas.messages import SavedView
from smtpy_desktop.schemas.text import Text, text

VIEWS_CHANGED = Change(Topic.MESSAGES, frozenset({0}))
"""No message has the number 0: lists of messages need not be read again."""

_LONGEST_QUERY = 5000
_MOST_IMPORTED = 500
_FORMAT = "smtpy-message-views"


async def list_views(sessions: Sessions) -> tuple[SavedView, ...]:
    """Return all saved searches by name."""
    async with sessions.read() as db:
        return await saved_views_database.list_saved_views(db)


async def save_view(sessions: Sessions, name: str, query: str, *, replace: bool = False, publish: Publish) -> SavedView:
    """Save a search; raise FieldError for a name that cannot be used, or that is taken unless ``replace``."""
    name = _checked_name(name)
    async with sessions.begin() as db:
        if not replace and await saved_views_database.get_saved_view(db, name) is not None:
            raise _name_taken(name)
        saved = await saved_views_database.save_view(db, name, query)
    publish(VIEWS_CHANGED)
    return saved


async def rename_view(sessions: Sessions, view_id: int, name: str, *, publish: Publish) -> None:
    """Give a saved search another name; raise FieldError when it cannot be used or is taken."""
    name = _checked_name(name)
    async with sessions.begin() as db:
        namesake = await saved_views_database.get_saved_view(db, name)
        if namesake is not None and namesake.id != view_id:
            raise _name_taken(name)
        if not await saved_views_database.rename_view(db, view_id, name):
            raise _gone()
    publish(VIEWS_CHANGED)


async def delete_view(sessions: Sessions, view_id: int, *, publish: Publish) -> None:
    """Delete a saved search; that it is gone already is as good."""
    async with sessions.begin() as db:
        await saved_views_database.delete_view(db, view_id)
    publish(VIEWS_CHANGED)


async def set_default(sessions: Sessions, view_id: int | None, *, publish: Publish) -> None:
    """Let lists begin with a saved search; None: with all messages."""
    async with sessions.begin() as db:
        if not await saved_views_database.set_default_view(db, view_id):
            raise _gone()
    publish(VIEWS_CHANGED)


async def export_views(sessions: Sessions) -> str:
    """Return all saved searches as JSON that ``import_views`` reads."""
    views = await list_views(sessions)
    content = [{"name": view.name, "query": view.query, "default": view.is_default} for view in views]
    return json.dumps({"format": _FORMAT, "version": 1, "views": content}, ensure_ascii=False, indent=2) + "\n"


async def import_views(sessions: Sessions, content: str, *, publish: Publish) -> int:
    """Save the searches of an exported text, all or none; those of the same name are replaced. Return how many.

    The default changes only where none was chosen here. Raises UserFacingError when the text is no export.
    """
    entries = _entries(content)
    async with sessions.begin() as db:
        has_default = await saved_views_database.get_default_view(db) is not None
        for name, query, is_default in entries:
            saved = await saved_views_database.save_view(db, name, query)
            if is_default and not has_default:
                await saved_views_database.set_default_view(db, saved.id)
    publish(VIEWS_CHANGED)
    return len(entries)


def _entries(content: str) -> list[tuple[str, str, bool]]:
    try:
        data: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _no_export(text("It is not JSON.")) from error
    if not isinstance(data, dict) or data.get("format") != _FORMAT or not isinstance(data.get("views"), list):
        raise _no_export(text("It does not hold saved views."))
    views = data["views"]
    if len(views) > _MOST_IMPORTED:
        raise _no_export(text("It holds more than {count} views.", count=_MOST_IMPORTED))
    return [_entry(view) for view in views]


def _entry(view: Any) -> tuple[str, str, bool]:
    name = view.get("name") if isinstance(view, dict) else None
    query = view.get("query") if isinstance(view, dict) else None
    if not isinstance(name, str) or not isinstance(query, str) or len(query) > _LONGEST_QUERY:
        raise _no_export(text("One of its views has no name or no search."))
    return _checked_name(name), query.replace("\0", " "), view.get("default") is True


def _checked_name(name: str) -> str:
    return parse_object_name(name, code="VIEW_NAME", ask=text("Give the view a name."))


def _name_taken(name: str) -> FieldError:
    return FieldError(
        "name",
        "VIEW_EXISTS",
        text("There is already a view {name}.", name=name),
        hint=text("Choose another name, or replace it."),
    )


def _gone() -> NotFoundError:
    return NotFoundError("VIEW_NOT_FOUND", text("The saved view does not exist any more."))


def _no_export(reason: Text) -> UserFacingError:
    return UserFacingError(
        "VIEWS_UNREADABLE",
        text("The file cannot be read as saved views."),
        detail=reason,
        hint=text("Choose a file that was written by Export views."),
    )
