"""``python -m tests.helpers.dying_billing URL BASE KEY``: a process that is killed right after Stripe has answered.

Each line on standard input is one trial: a child is forked that changes a subscription and kills itself (SIGKILL) when
the answer to the named call has come, before anything of it is stored. The line that is answered is the signal.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Any

import aiohttp  # noqa: F401 - loaded once, before any fork
import stripe  # noqa: F401 - loaded once, before any fork

from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers import checkout_controller, subscription_controller
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.stripe_settings import ReturnUrls

URLS = ReturnUrls("http://127.0.0.1/success", "http://127.0.0.1/cancel", "http://127.0.0.1/portal")


class _DyingApi:
    def __init__(self, api: Any, dies_after: str) -> None:
        self._api, self._dies_after = api, dies_after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._api, name)
        if name != self._dies_after:
            return found

        async def call(*given: Any, **named: Any) -> Any:
            await found(*given, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        return call


class _DyingAccess:
    def __init__(self, access: StripeAccessGateway, dies_after: str) -> None:
        self._access, self._dies_after = access, dies_after

    async def connect(self) -> Any:
        return _DyingApi(await self._access.connect(), self._dies_after)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._access, name)


async def _change(url: str, base: str, key: str, trial: dict[str, Any]) -> None:
    database = Database(url, origin="dying")
    environment = {"STRIPE_API_KEY": key, "STRIPE_API_BASE": base}
    access: Any = _DyingAccess(
        StripeAccessGateway(StripeKeys(environment, MemoryKeyring(), MemoryKeyring())), trial["dies_after"]
    )
    who = OrganizationId(trial["organization"])
    told: dict[str, Any] = {"actor": Actor("tester", "test"), "publish": publish_nothing}
    match trial["change"]:
        case "subscribe":
            await checkout_controller.subscribe(database, access, who, trial["price"], urls=URLS, **told)
        case "resume":
            await subscription_controller.resume_subscription(database, access, who, **told)
        case change:
            at_once = change == "cancel now"
            await subscription_controller.cancel_subscription(database, access, who, at_once=at_once, **told)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Run one trial for each line."""
    url, base, key = sys.argv[1:]
    _say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(_change(url, base, key, json.loads(line)))
            finally:
                os._exit(1)  # it should not have come that far
        _, status = os.waitpid(child, 0)
        _say(str(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0))


if __name__ == "__main__":
    main()
