"""Judging the parts of an installation, each with what to do about a problem."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.opening_controller import OpenedDatabase
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.database import domains_database, health_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.gateways.stripe_setup import StripeSetup
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question
from smtpy_desktop.schemas.health import HealthState, PartHealth
from smtpy_desktop.schemas.mail_identity import DnsSettings, Resolver
from smtpy_desktop.schemas.migration import SchemaState
from smtpy_desktop.schemas.secrets import KeyringState, MasterKeySource, SecretName
from smtpy_desktop.schemas.text import Text, text

_FIXED_PYTHONS = {11: 15, 12: 13, 13: 12, 14: 3}
"""The first release of each minor version without CVE-2024-6923 and CVE-2026-1299 (header injection)."""

_OLDEST_POSTGRES = 15


class KeyringHealth(Protocol):
    """What can say how the keyring is."""

    def problem(self) -> KeyringUnavailable | None:
        """Return why the keyring cannot be used now; None when it can."""
        ...


def python_health(version: tuple[int, ...]) -> PartHealth:
    """Judge the Python that runs the program."""
    written = ".".join(str(number) for number in version)
    if version[:2] < (3, 11):
        hint = text("Install Python 3.11 or newer.")
        return PartHealth("python", HealthState.PROBLEM, text("Python {version} is too old.", version=written), hint)
    if version[2] < _FIXED_PYTHONS.get(version[1], 0):
        return PartHealth(
            "python",
            HealthState.WARNING,
            text("Python {version} lacks fixes for header injection in its e-mail package.", version=written),
            text(
                "The program does not use what is affected; update to 3.{minor}.{fixed} when you can.",
                minor=version[1],
                fixed=_FIXED_PYTHONS[version[1]],
            ),
        )
    return PartHealth("python", HealthState.OK, text("Python {version}", version=written))


async def database_health(opened: OpenedDatabase) -> AsyncIterator[PartHealth]:
    """Judge an open database and its schema."""
    async with opened.database.read() as db:
        version = await health_database.server_version(db)
    if version // 10000 < _OLDEST_POSTGRES:
        yield PartHealth(
            "database",
            HealthState.PROBLEM,
            text("PostgreSQL {version} is too old.", version=version // 10000),
            text("Use PostgreSQL {oldest} or newer.", oldest=_OLDEST_POSTGRES),
        )
    else:
        numbers = {"major": version // 10000, "minor": version % 10000}
        yield PartHealth("database", HealthState.OK, text("PostgreSQL {major}.{minor} answers", **numbers))
    yield _schema_health(opened)


async def known_key_id(opened: OpenedDatabase) -> str | None:
    """Return the id of the master key that the stored signing keys need."""
    async with opened.database.read() as db:
        return await domains_database.master_key_id(db)


def keyring_health(keyring: KeyringHealth) -> PartHealth:
    """Judge the keyring; blocking. None at all is worth knowing, a locked or refusing one is a problem."""
    problem = keyring.problem()
    if problem is None:
        return PartHealth("keyring", HealthState.OK, text("the keyring keeps secrets"))
    missing = problem.state is KeyringState.MISSING
    state = HealthState.WARNING if missing else HealthState.PROBLEM
    return PartHealth("keyring", state, problem.message, problem.hint)


def master_key_health(keys: MasterKeys, known: str | None) -> PartHealth:
    """Judge the master key that seals private keys; blocking."""
    try:
        key = keys.master_key(known_key_id=known)
    except UserFacingError as error:
        return failed("master-key", error)
    if key.source is MasterKeySource.PROFILE_FILE:
        return PartHealth(
            "master-key",
            HealthState.WARNING,
            text("The master key lies in the file {path}, because there is no keyring.", path=key.location),
            text("Whoever can read that file and the database can sign mail for your domains; keep both to yourself."),
        )
    if key.warnings:
        return PartHealth("master-key", HealthState.WARNING, key.warnings[0])
    return PartHealth("master-key", HealthState.OK, text("{place}", place=key.location))


async def resolver_health(asker: DnsAsker, settings: DnsSettings) -> AsyncIterator[PartHealth]:
    """Judge each resolver by one question that every resolver can answer: the name servers of the root."""
    answers = await asyncio.gather(*(_ask(asker, resolver, settings) for resolver in settings.resolvers))
    for resolver, answer in zip(settings.resolvers, answers, strict=True):
        if answer.state is AnswerState.FOUND:
            message = text("answers after {milliseconds} ms", milliseconds=answer.milliseconds)
            yield PartHealth(f"resolver {resolver}", HealthState.OK, message)
        elif answer.state.is_definite:
            yield PartHealth(
                f"resolver {resolver}",
                HealthState.WARNING,
                text("answers, but does not know the name servers of the root"),
                text("It serves private zones only, or something on the way answers in its place."),
            )
        else:
            yield PartHealth(
                f"resolver {resolver}",
                HealthState.PROBLEM,
                text("does not answer ({state})", state=answer.state.value),
                text("Check the network and firewall, or set others with: smtpy-desktop settings set dns.resolvers …"),
            )


async def stripe_health(setup: StripeSetup) -> PartHealth:
    """Judge the way to Stripe: whose the key is, and whether it may do what is needed; nothing is asked without one."""
    try:
        key = await setup.read(SecretName.STRIPE_API_KEY)
        if key is None:
            return PartHealth("stripe", HealthState.OK, text("skipped: no Stripe key is set up"))
        async with setup.trying(key.value) as trial:
            account = await trial.account()
            missing = await trial.missing_rights() if key.value.startswith("rk_") else ()
        webhook = await setup.read(SecretName.STRIPE_WEBHOOK_SECRET)
    except UserFacingError as error:
        return failed("stripe", error)
    name = account.name or account.id or "Stripe"
    if missing:
        return PartHealth(
            "stripe",
            HealthState.PROBLEM,
            text("The key of {account} lacks rights: {rights}.", account=name, rights=", ".join(map(str, missing))),
            text("Give the key these rights in the Stripe dashboard."),
        )
    answers = (
        text("answers for {account}, live mode", account=name)
        if account.livemode
        else text("answers for {account}, test mode", account=name)
    )
    if webhook is not None:
        return PartHealth("stripe", HealthState.OK, answers)
    hint = text("There is no webhook secret: events are not taken in at once, but read from Stripe every few minutes.")
    return PartHealth("stripe", HealthState.WARNING, answers, hint)


def failed(part: str, error: UserFacingError) -> PartHealth:
    """Return the health of a part that could not be looked at."""
    message: Text = (
        error.message if error.detail is None else text("{why} {detail}", why=error.message, detail=error.detail)
    )
    return PartHealth(part, HealthState.PROBLEM, message, error.hint)


def _schema_health(opened: OpenedDatabase) -> PartHealth:
    schema = opened.schema
    if schema.state is SchemaState.NEWER:
        return PartHealth(
            "migrations",
            HealthState.WARNING,
            text("The schema {found} is newer than this program; it is open for reading only.", found=schema.found),
            text("Update the program."),
        )
    return PartHealth("migrations", HealthState.OK, text("at {found}, up to date", found=schema.found))


async def _ask(asker: DnsAsker, resolver: Resolver, settings: DnsSettings) -> Answer:
    only = DnsSettings((resolver,), settings.authoritative_port, settings.timeout_seconds)
    return await asker.look_up(Question("", "NS"), only)
