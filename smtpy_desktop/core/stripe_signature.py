"""Stripe's webhook signatures: made for test events, and judged (docs.stripe.com/webhooks/signature)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from smtpy_desktop.schemas.webhook_events import SignatureVerdict

TOLERANCE_SECONDS = 300
"""How far a signature's time may lie in the past or in the future; Stripe's own libraries check the past alone."""

_LONGEST_HEADER = 4096
_TIME = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


def sign(body: bytes, secret: str, at: datetime) -> str:
    """Return the ``Stripe-Signature`` header for a body."""
    moment = str(int(at.timestamp()))
    return f"t={moment},v1={_digest(body, secret, moment)}"


def judge_signature(body: bytes, header: str | None, secrets: Sequence[str], now: datetime) -> SignatureVerdict:
    """Tell whether Stripe sent these very bytes, now; during a rotation there are several secrets and signatures.

    The time is looked at last: who does not know the secret learns nothing about our clock.
    """
    if not secrets:
        return SignatureVerdict.NO_SECRET
    if header is None or not header.strip():
        return SignatureVerdict.MISSING
    parsed = _parse(header)
    if parsed is None:
        return SignatureVerdict.MALFORMED
    moment, given = parsed
    expected = [_digest(body, secret, moment) for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(matches):
        return SignatureVerdict.WRONG
    age = now.timestamp() - int(moment)
    if age > TOLERANCE_SECONDS:
        return SignatureVerdict.TOO_OLD
    return SignatureVerdict.TOO_NEW if age < -TOLERANCE_SECONDS else SignatureVerdict.VALID


def _digest(body: bytes, secret: str, moment: str) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _parse(header: str) -> tuple[str, list[str]] | None:
    """Return the time and the signatures of scheme v1; None unless there is exactly one time and some signature."""
    if len(header) > _LONGEST_HEADER:
        return None
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1" and _SIGNATURE.fullmatch(value)]
    if len(times) != 1 or not _TIME.fullmatch(times[0]) or not given:
        return None
    return times[0], given
