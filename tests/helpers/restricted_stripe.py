"""A Stripe whose key has only some rights, as restricted keys have them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from aiohttp import web

from smtpy_desktop.sandbox.stripe_server import SandboxStripe

ACCOUNT = "acct_1RestrictedAccount"


@dataclass(slots=True)
class RestrictedStripe(SandboxStripe):
    """``withheld`` are beginnings of paths that the key may not ask for."""

    api_key: str = "rk_test_restricted00000000000000"
    withheld: set[str] = field(default_factory=lambda: {"/v1/account"})

    def _refusal_of_key(self, request: web.Request) -> web.Response | None:
        # super() without arguments does not work in a class with slots that a decorator makes anew.
        refused = SandboxStripe._refusal_of_key(self, request)
        if refused is not None or not any(request.path.startswith(path) for path in self.withheld):
            return refused
        message = (
            f"The provided key 'rk_test_*********0000' does not have the required permissions for this endpoint on "
            f"account '{ACCOUNT}'. Having more permissions would allow this request to continue."
        )
        error = {"error": {"type": "invalid_request_error", "message": message}}
        return web.Response(status=403, body=json.dumps(error).encode(), content_type="application/json")
