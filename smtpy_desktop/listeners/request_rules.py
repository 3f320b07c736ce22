"""What the listener takes: judged by the head of a request, before any of its body is read."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Protocol

LARGEST_BODY = 256 * 1024
"""In bytes. Stripe's events are a few kilobytes long."""

WEBHOOK_PATH = "/webhooks/stripe"
SUCCESS_PATH = "/billing/success"
CANCEL_PATH = "/billing/cancel"
_PAGES = ("GET", "HEAD")
METHODS: Mapping[str, tuple[str, ...]] = {
    "/": _PAGES,
    "/health": _PAGES,
    SUCCESS_PATH: _PAGES,
    CANCEL_PATH: _PAGES,
    WEBHOOK_PATH: ("POST",),
}


class Headers(Protocol):
    """The header lines of a request, found without regard to case."""

    def getall(self, name: str, default: list[str], /) -> list[str]:
        """Return the values of every line of that name."""
        ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a request that is not taken; its text repeats nothing of the request."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


def known_hosts(port: int) -> frozenset[str]:
    """Return what the Host line may say at a port (RFC 9110 section 7.2); nothing else is us.

    Any other name may be an attacker's that points to this machine (DNS rebinding).
    """
    names = ("127.0.0.1", "localhost", "[::1]")
    return frozenset(f"{name}:{port}" for name in names) | (frozenset(names) if port == 80 else frozenset())


def path_of(target: str) -> str:
    """Return the path of a request's target, as it was written: nothing is decoded or brought into another form."""
    return target.partition("?")[0]


def judge_request(
    method: str,
    target: str,
    headers: Headers,
    hosts: Container[str],
    methods: Mapping[str, tuple[str, ...]] = METHODS,
) -> Refusal | None:
    """Return why a request is not taken; None when it is. ``methods`` are those that each path has."""
    given = headers.getall("Host", [])
    if len(given) != 1 or given[0].strip().lower() not in hosts:
        return Refusal(403, "this host is not served here")
    path = path_of(target)
    allowed = methods.get(path)
    if allowed is None:
        return Refusal(404, "there is nothing here")
    if method not in allowed:
        return Refusal(405, "this method is not taken here", {"Allow": ", ".join(allowed)})
    return _judge_webhook(headers) if path == WEBHOOK_PATH else None


def _judge_webhook(headers: Headers) -> Refusal | None:
    """Refuse what browsers send, and bodies that are no plain JSON or too long."""
    if headers.getall("Origin", []) or headers.getall("Sec-Fetch-Site", []):
        return Refusal(403, "browsers are not served here")
    types = headers.getall("Content-Type", [])
    if len(types) != 1 or types[0].partition(";")[0].strip().lower() != "application/json":
        return Refusal(415, "the content type must be application/json")
    encodings = headers.getall("Content-Encoding", [])
    if any(encoding.strip().lower() not in ("", "identity") for encoding in encodings):
        return Refusal(415, "the content must not be encoded", {"Accept-Encoding": "identity"})
    length = headers.getall("Content-Length", [])
    if length and length[0].isdecimal() and int(length[0][:20]) > LARGEST_BODY:
        return Refusal(413, "the body is too long")
    return None
