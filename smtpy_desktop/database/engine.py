"""The way to PostgreSQL: one pool, transactions as ``async with``, and the driver's errors translated once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from smtpy_desktop.database.swollen_connections import close_swollen
from smtpy_desktop.errors import ConflictError, DatabaseUnavailable, UserFacingError
from smtpy_desktop.schemas.text import text

_UNAVAILABLE_CLASSES = ("08", "57P")
_CONFLICTS = ("40001", "40P01", "55P03", "23503", "23505")  # the last two: what was looked up before is not so any more
_POOL_SIZE = 8
_CONNECT_SECONDS = 5
_STATEMENT_MILLISECONDS = 60_000
# A plan made for any search text reads a whole index in its order to find one name among a hundred thousand.
_PLAN_FOR_VALUES = "-c plan_cache_mode=force_custom_plan"


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Tell whether a connection was lost by anything but a cancellation, which costs one now and then."""
    error = record.exc_info[1] if record.exc_info is not None else None
    return not isinstance(error, asyncio.CancelledError) and "(CancelledError)" not in record.getMessage()


for _name in ("sqlalchemy.pool.impl.AsyncAdaptedQueuePool", "psycopg"):
    logging.getLogger(_name).addFilter(_is_worth_telling)


class Database:
    """A pool of connections to one PostgreSQL database.

    ``origin`` names this process in the change notices of the database, so that it can tell its own from others'.
    ``read_only`` is set to what is raised when somebody wants to write and that is not to be.
    """

    def __init__(self, url: str | URL, *, origin: str, read_only: UserFacingError | None = None) -> None:
        self.url = make_url(url)
        self.origin = origin
        self.read_only = read_only
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            pool_size=_POOL_SIZE,
            max_overflow=_POOL_SIZE,
            pool_timeout=10,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": origin,
                "options": f"-c timezone=UTC -c statement_timeout={_STATEMENT_MILLISECONDS} {_PLAN_FOR_VALUES}",
            },
        )

        close_swollen(self.engine.sync_engine)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that commits at the end of the block and rolls back when it raises.

        Raises DatabaseUnavailable and other UserFacingErrors in place of the driver's.
        """
        if self.read_only is not None:
            refused = self.read_only
            raise UserFacingError(refused.code, refused.message, detail=refused.detail, hint=refused.hint)
        with translated_errors():
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction for reading alone."""
        with translated_errors():
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                yield session

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


class translated_errors:  # noqa: N801 - used like a function
    """Turn the driver's errors inside the block into errors with a text for the user."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(
            error, (SQLAlchemyError, psycopg.Error, ConnectionError, asyncio.TimeoutError, UnicodeEncodeError)
        ):
            translated = translate(error)
            if translated is not None:
                raise translated from error


def translate(error: BaseException) -> UserFacingError | None:
    """Return the user's text for a failure of the environment; None when the failure is a bug of ours."""
    if isinstance(error, UnicodeEncodeError):
        return _not_storable()
    if isinstance(
        error, (PoolTimeout, ConnectionError, asyncio.TimeoutError, InterfaceError, psycopg.OperationalError)
    ):
        return _unavailable(error)
    if not isinstance(error, DBAPIError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or (state is None and isinstance(error.orig, psycopg.OperationalError)):
        return _unavailable(error)
    if state is None and isinstance(error.orig, psycopg.DataError):
        return _not_storable()  # the driver itself refuses NUL
    return _by_state(str(state), error)


def _by_state(state: str, error: DBAPIError) -> UserFacingError | None:
    if state.startswith(_UNAVAILABLE_CLASSES):
        return _unavailable(error)
    if state == "53100":
        return UserFacingError(
            "DISK_FULL",
            text("The database's disk is full; nothing was changed."),
            hint=text("Make room on the disk of the database server and try again."),
        )
    if state == "53300":
        return DatabaseUnavailable(
            "DATABASE_BUSY",
            text("The database takes no more connections."),
            hint=text("Close other programs that use it, or raise max_connections, and try again."),
        )
    if state == "57014":
        return UserFacingError(
            "DATABASE_TIMEOUT",
            text("The database needed too long for this and was stopped."),
            hint=text("Try again, or ask for less at once."),
        )
    if state == "42501":
        return UserFacingError(
            "DATABASE_FORBIDDEN",
            text("The database role may not do this."),
            detail=text("{reason}", reason=str(error.orig).strip().splitlines()[0]),
            hint=text("Sign in with a role that has the rights, or ask the database's administrator."),
        )
    if state == "25006":
        return UserFacingError(
            "DATABASE_READ_ONLY",
            text("The server takes no changes of this database now: it is a replica, or set to be read only."),
            hint=text("Connect to the server that takes changes, or ask the database's administrator."),
        )
    if state in _CONFLICTS:
        return ConflictError(
            "DATABASE_CONFLICT",
            text("Somebody else was changing the same thing; nothing was changed."),
            hint=text("Try again."),
        )
    if state in ("22021", "22P05"):
        return _not_storable()
    return None


def _not_storable() -> UserFacingError:
    return UserFacingError(
        "TEXT_NOT_STORABLE",
        text("The text holds a character that cannot be stored (such as NUL)."),
        hint=text("Remove it and try again."),
    )


def _unavailable(error: BaseException) -> DatabaseUnavailable:
    cause = getattr(error, "orig", None) or error
    reason = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    return DatabaseUnavailable(
        "DATABASE_UNAVAILABLE",
        text("The database cannot be reached."),
        detail=text("{reason}.", reason=reason.rstrip(".")),
        hint=text("See that its server runs and can be reached, then try again."),
    )
