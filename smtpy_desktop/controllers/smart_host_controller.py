"""The smart host: keeping its password, and trying whether it lets us in before any mail depends on it."""

from __future__ import annotations

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.forwarder_settings_controller import parse_forwarder_settings
from smtpy_desktop.controllers.mail_route_controller import ServerRoutes
from smtpy_desktop.controllers.settings_controller import parse_dns_settings
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.forwarder_settings import (
    LISTEN_KEY,
    SMARTHOST_KEY,
    SMARTHOST_TLS_KEY,
    SMARTHOST_USER_KEY,
    parse_listen,
)
from smtpy_desktop.core.setting_keys import SETTINGS, normalise_setting
from smtpy_desktop.core.smart_host_errors import no_smart_host, password_is_given, smart_host_nowhere
from smtpy_desktop.core.smtp_sign_in import check_password
from smtpy_desktop.database import audit_database, settings_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.gateways.smart_host import SmartHostTools
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.mail_route import OwnPlaces
from smtpy_desktop.schemas.outgoing_mail import MailServer
from smtpy_desktop.schemas.smart_host import PasswordReport, PasswordSource, SmartHostFinding

PASSWORD_NAME = "forwarder.smarthost_password"  # noqa: S105
"""What the password is called in the audit log, which has nothing of it."""

_MOST_SERVERS = 3
_TRIED = (SMARTHOST_KEY, SMARTHOST_TLS_KEY, SMARTHOST_USER_KEY)


async def read_password(tools: SmartHostTools) -> PasswordReport:
    """Return whether there is a password and where it lies, without it."""
    problem = await tools.problem()
    try:
        found = await tools.find()
    except UserFacingError as error:
        return PasswordReport(None, tools.variable, error.message, error.hint)
    source = found.source if found is not None else None
    # A keyring that does not work is of no interest where the password comes from elsewhere.
    is_told = problem is not None and source not in (PasswordSource.ENVIRONMENT, PasswordSource.FILE)
    told = (problem.message, problem.hint) if problem is not None and is_told else (None, None)
    return PasswordReport(source, tools.variable, *told)


async def store_password(
    sessions: Sessions, tools: SmartHostTools, password: str, *, actor: Actor, publish: Publish
) -> PasswordReport:
    """Keep a password in the keyring, or for this run where there is none, as the report says.

    Raises FieldError (field ``password``) for what cannot be sent, ConflictError when the environment decides.
    """
    if tools.variable:
        raise password_is_given(tools.variable)
    password = check_password(password)
    # Noted first, so that nothing is kept while the database is away.
    await _note(sessions, "set", actor)
    await tools.keep(password)
    publish(Change(Topic.SETTINGS))
    return await read_password(tools)


async def forget_password(
    sessions: Sessions, tools: SmartHostTools, *, actor: Actor, publish: Publish
) -> PasswordReport:
    """Forget the password; raise KeyringUnavailable when the keyring may still hold it, ConflictError."""
    if tools.variable:
        raise password_is_given(tools.variable)
    await tools.forget()
    await _note(sessions, "", actor)
    publish(Change(Topic.SETTINGS))
    return await read_password(tools)


async def try_smart_host(
    sessions: Sessions,
    asker: DnsAsker,
    tools: SmartHostTools,
    *,
    values: dict[str, str] | None = None,
    password: str | None = None,
) -> SmartHostFinding:
    """Connect to the smart host, sign in and leave, as forwarders do; no mail is sent and nothing is changed.

    ``values`` are settings that are not stored yet, ``password`` one that is not kept yet; None: those that hold.
    Raises FieldError for a wrong value, UserFacingError saying what is in the way.
    """
    wanted = {key: normalise_setting(key, value) for key, value in (values or {}).items() if key in _TRIED}
    async with sessions.read() as db:
        stored = {**await settings_database.read_settings(db), **wanted}
    settings = parse_forwarder_settings(stored)
    if not settings.smarthost:
        raise no_smart_host()
    if settings.smarthost_access.user:
        password = check_password(password) if password else await tools.password()
    dns = parse_dns_settings(stored)
    listens = frozenset(parse_listen(stored.get(LISTEN_KEY) or SETTINGS[LISTEN_KEY].default))
    routes = ServerRoutes(
        asker,
        lambda: dns,
        smarthost=lambda: settings.smarthost,
        access=lambda: settings.smarthost_access,
        own=lambda: OwnPlaces(frozenset(), listens),
    )
    route = await routes.find("")
    if route.failure is not None:
        raise smart_host_nowhere(route.failure.reply)
    return await _try_one_by_one(tools, route.servers[:_MOST_SERVERS], settings.hostname or "localhost", password)


async def _try_one_by_one(
    tools: SmartHostTools, servers: tuple[MailServer, ...], hostname: str, password: str | None
) -> SmartHostFinding:
    """Try its addresses until one answers; a server that answers has the last word."""
    for server in servers[:-1]:
        try:
            return await tools.try_server(server, hostname, password)
        except UserFacingError as error:
            if error.code != "SMARTHOST_UNREACHABLE":
                raise
    return await tools.try_server(servers[-1], hostname, password)


async def _note(sessions: Sessions, after: str, actor: Actor) -> None:
    async with sessions.begin() as db:
        entry = AuditEntry("settings.changed", "setting", None, PASSWORD_NAME, changes={"value": ["", after]})
        await audit_database.record(db, actor, entry)
