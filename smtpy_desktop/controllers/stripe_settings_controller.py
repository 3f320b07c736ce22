"""How Stripe is set up: looking at it, trying keys, keeping secrets, and where people are sent back to."""

from __future__ import annotations

from smtpy_desktop.controllers.settings_controller import get_setting
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.return_urls import (
    CANCEL_PATH,
    CANCEL_VARIABLE,
    PORTAL_VARIABLE,
    SUCCESS_PATH,
    SUCCESS_VARIABLE,
    check_return_url,
)
from smtpy_desktop.core.setting_keys import LISTENER_PORT_KEY
from smtpy_desktop.gateways.stripe_setup import StripeSetup
from smtpy_desktop.schemas.stripe_settings import ReturnUrls


async def return_urls(sessions: Sessions, setup: StripeSetup, *, listener: str | None = None) -> ReturnUrls:
    """Return where Stripe sends people back to: what the environment says, else the local listener's own pages.

    ``listener`` is the listener's address where it is known to differ from the one that its setting tells. Raises
    UserFacingError when the environment names no proper address.
    """
    base = (listener or f"http://127.0.0.1:{await get_setting(sessions, LISTENER_PORT_KEY)}").rstrip("/")
    places = {
        SUCCESS_VARIABLE: f"{base}{SUCCESS_PATH}",
        CANCEL_VARIABLE: f"{base}{CANCEL_PATH}",
        PORTAL_VARIABLE: f"{base}{SUCCESS_PATH}",
    }
    success, cancel, portal = (_named(setup, variable) or place for variable, place in places.items())
    return ReturnUrls(success, cancel, portal)


def _named(setup: StripeSetup, variable: str) -> str | None:
    """Return the address that the environment names; nothing of the user's is used in the sandbox."""
    value = "" if setup.is_sandbox else setup.variable(variable)
    return check_return_url(variable, value) if value else None
