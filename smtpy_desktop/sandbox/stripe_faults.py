"""What can be made to go wrong at the sandbox's Stripe."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class CallFault(enum.StrEnum):
    """What happens to calls instead of an answer."""

    NONE = "none"
    RATE_LIMIT = "rate_limit"  # 429
    SERVER_ERROR = "server_error"  # 500 before anything was begun: the same key may be used again
    SERVER_ERROR_KEPT = "server_error_kept"  # 500 in the middle: kept as the answer to this idempotency key
    CUT_BEFORE = "cut_before"  # the connection ends, and nothing was done
    CUT_AFTER = "cut_after"  # the connection ends, and it was done


@dataclass(slots=True)
class StripeFaults:
    """The faults switched on now; ``calls`` is for how many calls ``call_fault`` lasts (None: until switched off).

    ``delay_seconds`` holds for every call, ``webhook_delay_seconds`` for every webhook. ``only_changes`` spares calls
    that only read.
    """

    delay_seconds: float = 0.0
    call_fault: CallFault = CallFault.NONE
    calls: int | None = None
    only_changes: bool = False
    webhook_delay_seconds: float = 0.0
    are_webhooks_doubled: bool = False
    are_webhooks_shuffled: bool = False
    are_webhooks_lost: bool = False

    def take(self, *, is_change: bool) -> CallFault:
        """Return what happens to the next call, which counts."""
        if self.call_fault is CallFault.NONE or (self.only_changes and not is_change):
            return CallFault.NONE
        fault = self.call_fault
        if self.calls is not None:
            self.calls -= 1
            if self.calls <= 0:
                self.call_fault, self.calls = CallFault.NONE, None
        return fault

    def clear(self) -> None:
        """Let everything work again."""
        self.delay_seconds = self.webhook_delay_seconds = 0.0
        self.call_fault, self.calls, self.only_changes = CallFault.NONE, None, False
        self.are_webhooks_doubled = self.are_webhooks_shuffled = self.are_webhooks_lost = False
