"""One installation put together: its profile, its database, its secrets. Part of the composition root."""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from smtpy_desktop.changes import Publish, publish_nothing
from smtpy_desktop.config import Config, load_config
from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.opening_controller import OpenedDatabase, open_database, open_own, why_unchangeable
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.connection_url import ConnectionUrl, parse_connection_url
from smtpy_desktop.core.keyring_errors import KeyringMissing, KeyringUnavailable, password_nowhere, secret_not_stored
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.migrate import known_revisions
from smtpy_desktop.errors import DatabaseUnavailable, SmtpyError
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.keyring_gateway import KeyringGateway
from smtpy_desktop.gateways.mail_tools import OwnMailTools
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.notice_tools import OwnNoticeTools
from smtpy_desktop.gateways.postgres_probe import explained
from smtpy_desktop.gateways.smart_host import OwnSmartHost
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.gateways.stripe_setup import StripeSetupGateway
from smtpy_desktop.gateways.trusted_certificates import system_root_certificates
from smtpy_desktop.installation_backups import backup_tools
from smtpy_desktop.logs import logging_to
from smtpy_desktop.named_profiles import chosen_profile
from smtpy_desktop.paths import Profile
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.secrets import MasterKey, SecretName
from smtpy_desktop.schemas.text import Text

_log = logging.getLogger(__name__)

PASSWORD_VARIABLE = "SMTPY_DATABASE_PASSWORD"  # noqa: S105 - the name of a variable


@dataclass(slots=True)
class Installation:
    """Everything that belongs to one profile; nothing in it is shared with another one."""

    profile: Profile
    config: Config
    postgres: EmbeddedPostgres
    keyring: KeyringGateway = field(init=False)
    run_secrets: MemoryKeyring = field(init=False)
    master_keys: MasterKeyGateway = field(init=False)
    asker: DnsGateway = field(init=False)
    stripe_keys: StripeKeys = field(init=False)
    stripe: StripeAccessGateway = field(init=False)
    origin: str = field(init=False)

    def __post_init__(self) -> None:
        self.keyring = KeyringGateway(self.profile.profile_id)
        self.run_secrets = MemoryKeyring()
        self.master_keys = MasterKeyGateway(self.keyring, self.profile.directory, os.environ)
        self.asker = DnsGateway()
        self.stripe_keys = StripeKeys(os.environ, self.run_secrets, self.keyring)
        self.stripe = StripeAccessGateway(self.stripe_keys)
        self.origin = f"smtpy-{os.getpid()}-{secrets.token_hex(4)}"

    def connect(self, url: str) -> Database:
        """Return the way to a database (nothing is opened yet)."""
        return Database(url, origin=self.origin)

    async def open_embedded(self) -> OpenedDatabase:
        """Start the built-in database and open it."""
        return await open_own(self.postgres, self.connect)

    async def open_server(self, server: ServerAddress, password: str | None, *, may_upgrade: bool) -> OpenedDatabase:
        """Open the database of a server."""
        url = ConnectionUrl(server, password, system_root_certificates())
        try:
            return await open_database(self.connect(url.reveal()), may_upgrade=may_upgrade)
        except DatabaseUnavailable as error:
            raise await explained(error, server, password or "", known_schema=known_revisions()) from error

    async def open_url(self, url: str, *, may_upgrade: bool) -> OpenedDatabase:
        """Open the database that a command line names."""
        parsed = parse_connection_url(url)
        password = parsed.password if parsed.password is not None else os.environ.get(PASSWORD_VARIABLE)
        return await self.open_server(parsed.address, password, may_upgrade=may_upgrade)

    def database_password(self) -> str:
        """Return the password of the configured server: from the environment, this run, or the keyring; blocking.

        Raises KeyringUnavailable or NotFoundError, each saying what to do.
        """
        known = os.environ.get(PASSWORD_VARIABLE) or self.run_secrets.read(SecretName.DATABASE_PASSWORD)
        if known is not None:
            return known
        try:
            stored = self.keyring.read(SecretName.DATABASE_PASSWORD)
        except KeyringMissing as error:
            raise password_nowhere(PASSWORD_VARIABLE) from error
        if stored is None:
            raise secret_not_stored(SecretName.DATABASE_PASSWORD)
        return stored

    def keep_password(self, password: str) -> KeyringUnavailable | None:
        """Keep the server's password in the keyring, or for this run where there is none; return why it is not kept."""
        self.run_secrets.write(SecretName.DATABASE_PASSWORD, password)
        try:
            self.keyring.write(SecretName.DATABASE_PASSWORD, password)
        except KeyringUnavailable as problem:
            return problem
        return None

    def services(self, opened: OpenedDatabase, *, via: str, publish: Publish, is_embedded: bool) -> Services:
        """Put together what the window and the commands work with."""
        why = why_unchangeable(opened)
        return Services(
            sessions=opened.database,
            asker=self.asker,
            keys=self.master_keys,
            actor=Actor(user_name(), via),
            publish=publish,
            schema=opened.schema,
            files=DiskFiles(),
            stripe=self.stripe,
            stripe_setup=StripeSetupGateway(self.stripe_keys, self.stripe),
            is_read_only=why is not None,
            is_embedded=is_embedded,
            read_only_reason=why.message if why is not None else None,
            may_forward=opened.database.read_only is None,
            mail=OwnMailTools(self.asker),
            backups=backup_tools(self, opened.database),
            notices=OwnNoticeTools(
                self.profile.directory / "notices.json", (self.profile.directory, self.profile.postgres)
            ),
            smart_host=OwnSmartHost(os.environ, self.run_secrets, self.keyring),
        )


def open_installation(profile: str | Path | None) -> Installation:
    """Return the installation of a profile directory (default: the user's own), made if there is none."""
    chosen = chosen_profile(profile)
    chosen.create()
    return Installation(chosen, load_config(chosen), EmbeddedPostgres(chosen.postgres))


def user_name() -> str:
    """Return the name of the account that runs the program, for the audit log."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


@asynccontextmanager
async def open_for_command(
    profile: str | None,
    database_url: str | None,
    *,
    may_upgrade: bool,
    log: str,
    stays: bool,
    notify: Callable[[Text], None],
    warn: Callable[[Text], None],
) -> AsyncIterator[Services]:
    """Open an installation for one command, beside a window or without one, and leave it again.

    ``log`` names the log file; with ``stays`` the built-in database is started again when it dies. ``notify`` hears
    what takes a while, ``warn`` how the master key is kept when that is worth a warning.
    """
    installation = open_installation(profile)
    installation.postgres.notify = notify
    with logging_to(installation.profile, log), _logged_bugs():
        async with (
            _opened(installation, database_url, may_upgrade=may_upgrade) as services,
            _kept_running(installation, wanted=stays and services.is_embedded),
        ):
            yield replace(services, keys=_WarningKeys(services.keys, warn))


@asynccontextmanager
async def _kept_running(installation: Installation, *, wanted: bool) -> AsyncIterator[None]:
    """Start the built-in database again whenever it dies within the block, where that is wanted."""
    if not wanted:
        yield
        return
    keeping = asyncio.get_running_loop().create_task(installation.postgres.keep_running())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


@contextmanager
def _logged_bugs() -> Iterator[None]:
    """Write what was not meant to happen into the log, while it is open; the caller tells that it happened."""
    try:
        yield
    except SmtpyError:
        raise
    except Exception:
        _log.exception("a command failed unexpectedly")
        raise


@dataclass(frozen=True, slots=True)
class _WarningKeys:
    """The master key, with its warnings passed on to the one who runs the command."""

    keys: MasterKeys
    warn: Callable[[Text], None]

    def master_key(self, *, known_key_id: str | None) -> MasterKey:
        key = self.keys.master_key(known_key_id=known_key_id)
        for message in key.warnings:
            self.warn(message)
        return key


@asynccontextmanager
async def _opened(
    installation: Installation, database_url: str | None, *, may_upgrade: bool
) -> AsyncIterator[Services]:
    server = installation.config.server
    if database_url is not None:
        opened = await installation.open_url(database_url, may_upgrade=may_upgrade)
    elif server is not None:
        opened = await installation.open_server(server, installation.database_password(), may_upgrade=may_upgrade)
    else:
        opened = await installation.open_embedded()
    try:
        is_embedded = database_url is None and server is None
        yield installation.services(opened, via="command line", publish=publish_nothing, is_embedded=is_embedded)
    finally:
        await installation.stripe.close()
        await opened.database.close()
        installation.postgres.stop()
