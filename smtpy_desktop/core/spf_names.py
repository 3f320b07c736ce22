"""Which names an SPF evaluation may ask about (RFC 7208 section 4.3, RFC 1035 section 2.3.4)."""

from __future__ import annotations

_LONGEST_NAME = 253
_LONGEST_LABEL = 63


def is_domain(name: str) -> bool:
    """Return whether check_host() accepts the name: at least two labels, no address literal (section 4.3)."""
    return "." in name and not name.startswith("[") and can_be_asked(name)


def can_be_asked(name: str) -> bool:
    """Return whether the name can stand in a DNS question (RFC 1035 section 2.3.4)."""
    if len(name) > _LONGEST_NAME or not name.isascii() or not name.isprintable() or "\\" in name:
        return False
    return all(0 < len(label) <= _LONGEST_LABEL for label in name.split("."))


def is_within(name: str, domain: str) -> bool:
    """Return whether a name is the domain or below it."""
    return name == domain or name.endswith(f".{domain}")
