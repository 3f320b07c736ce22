"""Look for the ownership token of a domain among the TXT values at its challenge name."""

from __future__ import annotations

from functools import lru_cache

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.dns_finding import Finding, excerpt, right, wrong
from smtpy_desktop.schemas.text import text


@lru_cache(maxsize=4096)
def compare_ownership(host: str, wanted: str, values: tuple[str, ...]) -> Finding:
    """Judge the TXT values at the challenge name: one must be the token exactly, others do not matter."""
    if any(value.strip(" \t\r\n") == wanted for value in values):
        return right()
    return wrong(
        DnsCode.OWNERSHIP_OTHER_TOKEN,
        text(
            "The TXT record at {host} is not the token of this domain: {found} was found, {wanted} is wanted.",
            host=host,
            found=excerpt(values[0]),
            wanted=wanted,
        ),
    )
