"""The self-test: every part of an installation, one after the other. Part of the composition root."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator

from smtpy_desktop.controllers import health_controller, settings_controller
from smtpy_desktop.controllers.opening_controller import OpenedDatabase
from smtpy_desktop.controllers.settings_controller import parse_dns_settings
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.qt_probe import probe_qt
from smtpy_desktop.gateways.stripe_setup import StripeSetupGateway
from smtpy_desktop.installation import Installation, open_installation
from smtpy_desktop.schemas.health import HealthState, PartHealth
from smtpy_desktop.schemas.mail_identity import DnsSettings
from smtpy_desktop.schemas.text import text


async def check_health(profile: str | None, database_url: str | None) -> AsyncIterator[PartHealth]:
    """Yield the health of each part: Python, Qt, profile, database, schema, keyring, master key, Stripe, resolvers."""
    yield health_controller.python_health(sys.version_info[:3])
    yield await asyncio.to_thread(probe_qt)
    try:
        installation = open_installation(profile)
    except UserFacingError as error:
        yield health_controller.failed("profile", error)
        return
    yield PartHealth("profile", HealthState.OK, text("{path}", path=installation.profile.directory))
    async for part in _check_opened(installation, database_url):
        yield part


async def _check_opened(installation: Installation, database_url: str | None) -> AsyncIterator[PartHealth]:
    dns_settings = parse_dns_settings({})
    known_key: str | None = None
    try:
        opened = await _open(installation, database_url)
    except UserFacingError as error:
        yield health_controller.failed("database", error)
    else:
        try:
            async for part in health_controller.database_health(opened):
                yield part
            dns_settings = await _dns_settings(opened, dns_settings)
            known_key = await health_controller.known_key_id(opened)
        finally:
            await opened.database.close()
            await asyncio.to_thread(installation.postgres.stop)
    yield await asyncio.to_thread(health_controller.keyring_health, installation.keyring)
    yield await asyncio.to_thread(health_controller.master_key_health, installation.master_keys, known_key)
    yield await health_controller.stripe_health(StripeSetupGateway(installation.stripe_keys, installation.stripe))
    async for part in health_controller.resolver_health(installation.asker, dns_settings):
        yield part


async def _open(installation: Installation, database_url: str | None) -> OpenedDatabase:
    address = database_url or os.environ.get("DATABASE_URL")
    if address:
        return await installation.open_url(address, may_upgrade=False)
    server = installation.config.server
    if server is None:
        return await installation.open_embedded()
    password = await asyncio.to_thread(installation.database_password)
    return await installation.open_server(server, password, may_upgrade=False)


async def _dns_settings(opened: OpenedDatabase, default: DnsSettings) -> DnsSettings:
    try:
        return (await settings_controller.mail_settings(opened.database))[1]
    except UserFacingError:
        return default
