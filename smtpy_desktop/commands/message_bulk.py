"""Commands on everything that a search finds: which options choose it, the question before, and the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar

import click

from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import Invocation, answer, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.message_choice import CHOOSING_OPTIONS, chosen_query
from smtpy_desktop.core.message_search import format_search
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.message_bulk import BulkResult, MessageSelection
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import MessageSort
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import messages_bulk_controller
    from smtpy_desktop.controllers.messages_bulk_controller import BulkProgress
    from smtpy_desktop.controllers.services import Services
else:
    messages_bulk_controller = lazy_module("smtpy_desktop.controllers.messages_bulk_controller")

Command = TypeVar("Command", bound=Callable[..., Any])
Act = Callable[["Services", MessageSelection, "BulkProgress"], Awaitable[BulkResult]]

_OPTIONS = (
    *CHOOSING_OPTIONS,
    click.option("--all", "everything", is_flag=True, help="Every message there is."),
    click.option("--dry-run", is_flag=True, help="Only say how many messages it would be."),
)


@dataclass(frozen=True, slots=True)
class BulkChoice:
    """What was said on the command line about which messages are meant, and whether anything is to be done."""

    chosen: dict[str, Any]
    everything: bool
    dry_run: bool

    @property
    def is_search(self) -> bool:
        """Whether messages were chosen by a search or a filter instead of by their numbers."""
        given = (value for name, value in self.chosen.items() if name != "zone")
        return self.everything or any(value is not None for value in given)


@dataclass(frozen=True, slots=True)
class BulkWords:
    """How an action is named: in JSON, in a sentence about what was done, and about what would be."""

    done: str
    sentence: str
    would: str


def bulk_options(command: Command) -> Command:
    """Give a command the options that choose messages by a search, as one parameter ``choice``."""

    def gathered(*arguments: Any, everything: bool, dry_run: bool, **given: Any) -> Any:
        chosen = {name: given.pop(name) for name in _NAMES}
        return command(*arguments, choice=BulkChoice(chosen, everything, dry_run), **given)

    update_wrapper(gathered, command)
    wrapped: Any = gathered
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


_NAMES = ("query", "status", "domain", "organization", "from_date", "to_date", "sender", "recipient", "thread", "zone")


def run_bulk(invocation: Invocation, choice: BulkChoice, act: Act, words: BulkWords, *, confirmed: bool) -> None:
    """Do something with everything that was chosen and say how many that were; only count in a dry run.

    Raises UserFacingError when it was not confirmed, stopped, or failed in the middle, with what was done until then.
    """

    async def work(services: Services) -> tuple[MessageQuery, BulkResult]:
        query = await _query(services, choice)
        selection = await messages_bulk_controller.everything(services.sessions, query)
        if choice.dry_run or not confirmed:
            matching = await messages_bulk_controller.count(services.sessions, selection)
            if matching and not choice.dry_run:
                raise _not_confirmed(words, matching)
            return query, BulkResult(matching, 0)
        return query, await _counted(lambda progress: act(services, selection, progress))

    query, result = run(invocation, work)
    shape = {
        "query": format_search(query.search),
        "matching": result.matching,
        words.done: result.changed,
        "dry_run": choice.dry_run,
    }
    answer(invocation, shape, _sentence(choice, words, result))


def refuse_both(ids: tuple[Any, ...], choice: BulkChoice, usage: str) -> None:
    """Raise UsageError unless messages were chosen either by their numbers or by a search."""
    if bool(ids) == choice.is_search:
        raise click.UsageError(f"Give {usage} or a search such as --query: one of them, and not both.")
    if ids and choice.dry_run:
        raise click.UsageError("--dry-run goes with a search; numbers count themselves.")


async def _query(services: Services, choice: BulkChoice) -> MessageQuery:
    chosen = {name: value for name, value in choice.chosen.items() if name != "query"}
    typed = choice.chosen["query"] or ""
    query = await chosen_query(services, query=typed, sort=MessageSort.CREATED.value, ascending=False, **chosen)
    narrowed = bool(query.search.groups) or query.organization_id is not None or query.domain_id is not None
    if narrowed == choice.everything:
        message = text("--all and a search exclude each other.") if narrowed else text("The search is empty.")
        hint = text("Say what to search for, or give --all alone if every message is meant.")
        raise FieldError("query", "SEARCH_EMPTY", message, detail=text("Nothing was changed."), hint=hint)
    return query


async def _counted(act: Callable[[BulkProgress], Awaitable[BulkResult]]) -> BulkResult:
    progress = messages_bulk_controller.BulkProgress()
    try:
        return await act(progress)
    except asyncio.CancelledError as stop:
        raise UserFacingError("STOPPED", text("Stopped."), detail=_until_then(progress)) from stop
    except UserFacingError as error:
        if not progress.done:
            raise
        raise UserFacingError(error.code, error.message, detail=_until_then(progress), hint=error.hint) from error


def _until_then(progress: BulkProgress) -> Any:
    return text(
        "{done} of {total} messages were done before; the others are as they were.",
        done=progress.done,
        total=progress.total if progress.total is not None else "?",
    )


def _not_confirmed(words: BulkWords, matching: int) -> UserFacingError:
    return UserFacingError(
        "CONFIRMATION_NEEDED",
        text("Nothing was changed."),
        detail=text("{messages} found; {action}.", messages=counted(matching, "message"), action=words.would),
        hint=text("Repeat the command with --yes."),
    )


def _sentence(choice: BulkChoice, words: BulkWords, result: BulkResult) -> str:
    if not result.matching:
        return "No message matches."
    if choice.dry_run:
        return f"{counted(result.matching, 'message')} found; {words.would}."
    return f"{words.sentence} {result.changed} of {counted(result.matching, 'message')}."
