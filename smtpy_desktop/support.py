"""What is packed up for support, put together: logs, parts, facts, secrets to leave out. Composition root."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from urllib.parse import urlsplit

from smtpy_desktop import __version__
from smtpy_desktop.controllers.support_bundle_controller import SupportSources
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.core.secret_variables import SECRET_VARIABLES
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.installed_parts import installed_parts
from smtpy_desktop.gateways.log_files import logs_of
from smtpy_desktop.gateways.machine_facts import machine_facts, profile_files
from smtpy_desktop.gateways.private_files import PrivateFiles
from smtpy_desktop.health import check_health
from smtpy_desktop.installation import Installation, open_for_command, open_installation
from smtpy_desktop.schemas.secrets import SecretName


def support_sources(installation: Installation, database_url: str | None) -> SupportSources:
    """Return where a support bundle of an installation comes from; its database is added where it is open."""
    profile = installation.profile
    return SupportSources(
        machine={"program": __version__, **machine_facts(profile.directory)},
        components=installed_parts,
        config=json.loads(json.dumps(asdict(installation.config), default=str)),
        files=partial(profile_files, profile.directory),
        secrets=partial(known_secrets, installation, database_url),
        logs=logs_of(profile.logs, profile.postgres),
        check_health=partial(check_health, str(profile.directory), database_url),
        store=PrivateFiles(),
    )


@asynccontextmanager
async def open_for_support(profile: str | None, database_url: str | None) -> AsyncIterator[SupportSources]:
    """Open an installation as far as it can be opened: without its database everything else is packed up."""
    installation = open_installation(profile)
    sources = support_sources(installation, database_url)
    opening = open_for_command(
        profile,
        database_url,
        may_upgrade=False,
        log="command",
        stays=False,
        notify=lambda note: None,
        warn=lambda message: None,
    )
    try:
        services = await opening.__aenter__()
    except UserFacingError as error:
        yield replace(sources, problem=error)
        return
    try:
        yield replace(sources, sessions=services.sessions, schema=services.schema)
    finally:
        await opening.__aexit__(None, None, None)


def known_secrets(installation: Installation, database_url: str | None) -> Iterator[str]:
    """Yield every secret that this process could know, so that it can be left out wherever it stands; blocks."""
    for name, value in os.environ.items():
        if name.upper() in SECRET_VARIABLES:
            yield value
    for address in (database_url, os.environ.get("DATABASE_URL")):
        with suppress(ValueError):
            password = urlsplit(address or "").password
            if password:
                yield password
    for secret in SecretName:
        for keeper in (installation.run_secrets, installation.keyring):
            with suppress(KeyringUnavailable):
                kept = keeper.read(secret)
                if kept:
                    yield kept
    named = (os.environ.get(name) for name in ("SMTPY_MASTER_KEY_FILE", "SMTPY_SMARTHOST_PASSWORD_FILE"))
    for path in (installation.profile.directory / "master.key", *named):
        if path:
            with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as stream:  # noqa: PTH123
                yield stream.read(1000).strip()
