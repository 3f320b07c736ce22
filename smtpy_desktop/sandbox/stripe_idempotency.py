"""The idempotency keys of the sandbox's Stripe (docs.stripe.com/api/idempotent_requests)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from smtpy_desktop.sandbox.stripe_ledger import StripeBookError
from smtpy_desktop.sandbox.stripe_shapes import Object

KEPT_SECONDS = 86_400
LONGEST_KEY = 255

Signature = tuple[str, str, str]
"""Method, path and parameters of a call."""


@dataclass(slots=True)
class _Kept:
    """A call with a key; ``answer`` (status and body) is None while it is being worked on."""

    signature: Signature
    since: int
    answer: tuple[int, bytes] | None = None


class IdempotencyKeys:
    """Remembers for a day what each key was answered, whether it went well or not."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._kept: dict[str, _Kept] = {}

    def begin(self, key: str, signature: Signature) -> tuple[int, bytes] | None:
        """Return the answer to give again; None for a new key, whose call is now being worked on.

        Raises StripeBookError for a key that is in use, or was used for another call.
        """
        self._prune()
        if len(key) > LONGEST_KEY:
            raise StripeBookError("Idempotency keys may not be longer than 255 characters.")
        kept = self._kept.get(key)
        if kept is None:
            self._kept[key] = _Kept(signature, self._now())
            return None
        if kept.signature != signature:
            raise StripeBookError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        if kept.answer is None:
            raise StripeBookError(
                f"There is currently another in-progress request using this Idempotent Key: {key}. "
                "Please try again later.",
                status=409,
                code="idempotency_key_in_use",
            )
        return kept.answer

    def end(self, key: str, answer: tuple[int, bytes]) -> None:
        """Keep the answer to a key that was begun."""
        self._kept[key].answer = answer

    def release(self, key: str) -> None:
        """Forget a key whose call was never begun in earnest: its parameters were refused."""
        self._kept.pop(key, None)

    def dump(self) -> list[Object]:
        """Return the answered keys as JSON can hold them."""
        return [
            {
                "key": key,
                "signature": list(kept.signature),
                "since": kept.since,
                "status": kept.answer[0],
                "body": base64.b64encode(kept.answer[1]).decode(),
            }
            for key, kept in self._kept.items()
            if kept.answer is not None
        ]

    def load(self, content: list[Object]) -> None:
        """Take over what ``dump`` gave; raise ValueError, TypeError or KeyError for anything else."""
        for item in content:
            method, path, parameters = item["signature"]
            answer = (int(item["status"]), base64.b64decode(item["body"]))
            self._kept[str(item["key"])] = _Kept((method, path, parameters), int(item["since"]), answer)

    def _prune(self) -> None:
        oldest = self._now() - KEPT_SECONDS
        for key in [key for key, kept in self._kept.items() if kept.since < oldest]:
            del self._kept[key]
