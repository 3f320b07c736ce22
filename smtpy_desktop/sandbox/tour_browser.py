"""The tour's browser: keeps the pages that the window opens, and pays at the hosted checkout as a person would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import aiohttp

from smtpy_desktop.core.return_urls import SUCCESS_PATH
from smtpy_desktop.sandbox.stripe_cards import SandboxCard

_SECONDS = aiohttp.ClientTimeout(total=20)
_CHOICE = re.compile(r'<input type="radio" name="(\w+)" value="(\w+)"')


@dataclass(slots=True)
class TourBrowser:
    """Stands in for the browser; ``opened`` are the addresses that the window had opened."""

    opened: list[str] = field(default_factory=list)

    def open(self, address: str) -> bool:
        """Take the place of a browser that opens an address."""
        self.opened.append(address)
        return True

    async def pay(self, address: str, *words: str) -> None:
        """Pay at a hosted checkout, which says ``words``, and follow where it leads; raise ValueError if wrong."""
        async with aiohttp.ClientSession(timeout=_SECONDS) as session:
            async with session.get(address) as answer:
                page = await answer.text()
            for wanted in words:
                _require(wanted in page, f"the checkout does not say “{wanted}”")
            cards = [value for name, value in _CHOICE.findall(page) if name == "card"]
            _require(SandboxCard.SUCCEEDS.name in cards, f"the checkout offers only the cards {cards}")
            async with session.post(address, data={"card": SandboxCard.SUCCEEDS.name}) as answer:
                page, path = await answer.text(), answer.url.path
            _require(path == SUCCESS_PATH, f"the payment leads to {path}")
            _require(answer.status == 200 and "You can close this tab." in page, "the page after the payment is wrong")


def _require(is_right: bool, what: str) -> None:
    if not is_right:
        raise ValueError(what)
