"""The hosted pages of the sandbox's Stripe."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from smtpy_desktop.sandbox.stripe_book import StripeBook


class StripePages:
    """Serves the pages."""

    def __init__(self, book: StripeBook, changed: Callable[[], Awaitable[None]]) -> None:
        self._book, self._changed = book, changed

    def add_to(self, app: web.Application) -> None:
        """Add the pages to a server."""
