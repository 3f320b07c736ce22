"""Which addresses may be opened in the browser: Stripe's own pages, and in the sandbox those on this machine."""

from __future__ import annotations

import re

# The whole address is matched as it is, so that no two parsers can differ about whose it is.
_REST = r"(?:[/?#][!-\[\]-~]*)?"  # printable ASCII without blanks and backslashes
# Without ASCII a dotless i is taken for an i where case is ignored, and so another host for Stripe's.
_ANY_CASE = re.IGNORECASE | re.ASCII
_STRIPE = re.compile(rf"https://(?:[a-z0-9-]+\.)*stripe\.com(?::443)?{_REST}", _ANY_CASE)
_LOOPBACK = re.compile(rf"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{{1,5}})?{_REST}", _ANY_CASE)


def may_be_opened(address: str, *, is_sandbox: bool) -> bool:
    """Return whether an address leads to Stripe over https, or with ``is_sandbox`` to this machine."""
    if _STRIPE.fullmatch(address) is not None:
        return True
    return is_sandbox and _LOOPBACK.fullmatch(address) is not None
