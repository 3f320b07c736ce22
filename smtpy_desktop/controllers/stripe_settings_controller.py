"""How Stripe is set up: what is used and where it comes from, and where people are sent back to."""

from __future__ import annotations

from smtpy_desktop.controllers.settings_controller import get_setting
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.core.return_urls import (
    CANCEL_PATH,
    CANCEL_VARIABLE,
    PORTAL_VARIABLE,
    SUCCESS_PATH,
    SUCCESS_VARIABLE,
    check_return_url,
)
from smtpy_desktop.core.setting_keys import LISTENER_PORT_KEY, SETTINGS
from smtpy_desktop.core.stripe_keys import is_live_key, parse_api_key, parse_webhook_secrets, shown_secret
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.stripe_setup import StripeSetup
from smtpy_desktop.schemas.secrets import SecretName
from smtpy_desktop.schemas.stripe_settings import (
    KeyMode,
    ReturnUrls,
    SourcedValue,
    StripeMode,
    StripeSettingsReport,
    ValueSource,
)

KEY_VARIABLE = "STRIPE_API_KEY"
WEBHOOK_VARIABLE = "STRIPE_WEBHOOK_SECRET"
BASE_VARIABLE = "STRIPE_API_BASE"
STRIPE_VARIABLES = {SecretName.STRIPE_API_KEY: KEY_VARIABLE, SecretName.STRIPE_WEBHOOK_SECRET: WEBHOOK_VARIABLE}


async def read_stripe_settings(sessions: Sessions, setup: StripeSetup) -> StripeSettingsReport:
    """Return how Stripe is set up; wrong values of the environment are shown with what is wrong in ``problem``."""
    problem: UserFacingError | None = None
    found: dict[SecretName, tuple[str, ValueSource] | None] = {}
    for name in STRIPE_VARIABLES:
        try:
            secret = await setup.read(name)
        except KeyringUnavailable as error:
            problem, secret = error, None
        found[name] = (secret.value, secret.source) if secret is not None else None
    needs_keyring = any(secret is None or secret[1] is ValueSource.THIS_RUN for secret in found.values())
    if needs_keyring and problem is None:
        problem = await setup.problem()
    key, secrets = found[SecretName.STRIPE_API_KEY], found[SecretName.STRIPE_WEBHOOK_SECRET]
    problem = _mistake(setup, key[0] if key else "", secrets[0] if secrets else "") or problem
    port = await get_setting(sessions, LISTENER_PORT_KEY)
    success, cancel, portal = _sourced_urls(setup, port)
    base = setup.variable(BASE_VARIABLE)
    return StripeSettingsReport(
        mode=StripeMode(_mode(key[0]) if key is not None else KeyMode.NONE, is_sandbox=setup.is_sandbox),
        api_key=_shown(key[0], key[1], KEY_VARIABLE) if key is not None else None,
        webhook_secrets=tuple(_shown(one, secrets[1], WEBHOOK_VARIABLE) for one in secrets[0].replace(",", " ").split())
        if secrets is not None
        else (),
        listener_port=SourcedValue(port, _port_source(port)),
        success_url=success,
        cancel_url=cancel,
        portal_return_url=portal,
        api_base=SourcedValue(base, ValueSource.ENVIRONMENT, BASE_VARIABLE) if base and not setup.is_sandbox else None,
        problem=problem.message if problem is not None else None,
        hint=problem.hint if problem is not None else None,
    )


async def return_urls(sessions: Sessions, setup: StripeSetup, *, listener: str | None = None) -> ReturnUrls:
    """Return where Stripe sends people back to: what the environment says, else the local listener's own pages.

    ``listener`` is the listener's address where it is known to differ from the one that its setting tells. Raises
    UserFacingError when the environment names no proper address.
    """
    base = listener or _listener_address(await get_setting(sessions, LISTENER_PORT_KEY))
    checked = [
        check_return_url(variable, named) if (named := _named(setup, variable)) else place
        for variable, place in _own_places(base).items()
    ]
    return ReturnUrls(*checked)


def _own_places(base: str) -> dict[str, str]:
    """Return the listener's own pages, by the variable that decides otherwise: success, cancel, portal."""
    base = base.rstrip("/")
    return {
        SUCCESS_VARIABLE: f"{base}{SUCCESS_PATH}",
        CANCEL_VARIABLE: f"{base}{CANCEL_PATH}",
        PORTAL_VARIABLE: f"{base}{SUCCESS_PATH}",
    }


def _listener_address(port: str) -> str:
    return f"http://127.0.0.1:{port}"


def _named(setup: StripeSetup, variable: str) -> str:
    """Return the address that the environment names; nothing of the user's is used in the sandbox."""
    return "" if setup.is_sandbox else setup.variable(variable)


def _sourced_urls(setup: StripeSetup, port: str) -> tuple[SourcedValue, ...]:
    return tuple(
        SourcedValue(named, ValueSource.ENVIRONMENT, variable)
        if (named := _named(setup, variable))
        else SourcedValue(place, _port_source(port))
        for variable, place in _own_places(_listener_address(port)).items()
    )


def _port_source(port: str) -> ValueSource:
    return ValueSource.DEFAULT if port == SETTINGS[LISTENER_PORT_KEY].default else ValueSource.SETTING


def _mistake(setup: StripeSetup, key: str, secrets: str) -> UserFacingError | None:
    """Return what is wrong with the values that there are, most of all in the environment; None when nothing is."""
    try:
        setup.api_base()
        if key:
            parse_api_key(key)
        parse_webhook_secrets(secrets)
        for variable in (SUCCESS_VARIABLE, CANCEL_VARIABLE, PORTAL_VARIABLE):
            if named := _named(setup, variable):
                check_return_url(variable, named)
    except UserFacingError as error:
        return error
    return None


def _mode(key: str) -> KeyMode:
    return KeyMode.LIVE if is_live_key(key) else KeyMode.TEST


def _shown(value: str, source: ValueSource, variable: str) -> SourcedValue:
    return SourcedValue(shown_secret(value), source, variable if source is ValueSource.ENVIRONMENT else "")
