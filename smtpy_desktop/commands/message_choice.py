"""Which messages a command is about: a search, and the reference's filters as options beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.core.message_search_text import quoted
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.message_search import MessageQuery, Search, SearchKey, Term
from smtpy_desktop.schemas.messages import MessageSort, MessageStatus
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import (
        domains_controller,
        message_export_controller,
        messages_controller,
        organizations_controller,
    )
    from smtpy_desktop.controllers.services import Services
else:
    domains_controller = lazy_module("smtpy_desktop.controllers.domains_controller")
    message_export_controller = lazy_module("smtpy_desktop.controllers.message_export_controller")
    messages_controller = lazy_module("smtpy_desktop.controllers.messages_controller")
    organizations_controller = lazy_module("smtpy_desktop.controllers.organizations_controller")

Command = TypeVar("Command", bound=Callable[..., Any])

_TERMS = {
    "status": SearchKey.STATUS,
    "from_date": SearchKey.AFTER,
    "sender": SearchKey.FROM,
    "recipient": SearchKey.TO,
    "thread": SearchKey.THREAD,
}
_FIRST_DAY = "1970-01-01"

CHOOSING_OPTIONS = (
    click.option("--query", "--search", "query", metavar="Q", help="A search as in the search box."),
    click.option("--status", type=click.Choice([status.value for status in MessageStatus])),
    click.option("--domain", metavar="NAME", help="Only messages to this domain."),
    click.option("--organization", metavar="NAME", help="Only messages to this organization's domains."),
    click.option("--from-date", metavar="DATE", help="Only messages since this day or time (included)."),
    click.option("--to-date", metavar="DATE", help="Only messages up to this day (included) or time."),
    click.option("--sender", metavar="ADDRESS", help="Only messages from this address or domain."),
    click.option("--recipient", metavar="ADDRESS", help="Only messages to this address or domain."),
    click.option("--thread", metavar="ID", help="Only messages of this thread."),
    click.option("--zone", default="UTC", show_default=True, metavar="ZONE", help="The time zone of dates."),
)
"""The options that say which messages are meant."""

_LISTING_OPTIONS = (
    click.option(
        "--sort",
        type=click.Choice([sort.value for sort in MessageSort]),
        default=MessageSort.CREATED.value,
        show_default=True,
    ),
    click.option("--ascending", is_flag=True, help="Smallest or oldest first."),
)


class MessageNumber(click.IntRange):
    """A message's number as it is typed."""

    name = "message number"

    def __init__(self) -> None:
        super().__init__(1, 2**63 - 1)


def message_options(command: Command) -> Command:
    """Give a command the options that choose messages and their order."""
    for option in reversed((*CHOOSING_OPTIONS, *_LISTING_OPTIONS)):
        command = option(command)
    return command


async def chosen_query(services: Services, **chosen: Any) -> MessageQuery:
    """Return the query that the options ask for; raise FieldError for a search that is not understood in full.

    The window searches for what it understands and underlines the rest; a script must not be given other messages than
    those it asked for.
    """
    zone = message_export_controller.time_zone(chosen["zone"])
    typed = [(chosen["query"] or "").strip()]
    typed += [_term(key, name, chosen[name]) for name, key in _TERMS.items() if chosen[name] is not None]
    if chosen["to_date"] is not None:
        typed.append(_up_to(chosen["to_date"]))
    groups: list[tuple[Term, ...]] = []
    for one in filter(None, typed):
        # Read one by one: two statuses in one search mean either, a filter beside a search narrows it down.
        search = messages_controller.read_search(one, zone)
        if search.problems:
            raise FieldError("query", "SEARCH_NOT_UNDERSTOOD", search.problems[0].message)
        groups.extend(search.groups)
    organization_id = domain_id = None
    if chosen["organization"] is not None:
        found = await organizations_controller.find_organization(services.sessions, chosen["organization"])
        organization_id = found.id
    if chosen["domain"] is not None:
        domain_id = (await domains_controller.find_domain(services.sessions, chosen["domain"])).id
    return MessageQuery(
        Search(tuple(groups)),
        organization_id,
        domain_id,
        sort=MessageSort(chosen["sort"]),
        descending=not chosen["ascending"],
    )


def _term(key: SearchKey, name: str, value: str) -> str:
    if not value.strip():
        raise FieldError(name, "FILTER_EMPTY", text("--{name} needs a value.", name=name.replace("_", "-")))
    return f"{key.value}:{quoted(value.strip())}"


def _up_to(value: str) -> str:
    """Return the term for everything up to a day, which is included, or up to a moment."""
    if ":" in value:
        return _term(SearchKey.BEFORE, "to_date", value)
    return _term(SearchKey.ON, "to_date", f"{_FIRST_DAY}..{value.strip()}")
