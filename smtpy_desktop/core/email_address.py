"""E-mail addresses as people type them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import text


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """``address`` in its normal spelling, ``domain`` in lower-case A-labels; ``key`` is what addresses are compared by.

    The key has the local part without case (RFC 5321 section 2.4 discourages relying on it) and that domain.
    """

    address: str
    local_part: str
    domain: str
    key: str


def parse_email_address(raw: str, *, field: str) -> str:
    """Return the address in its normal spelling; raise FieldError for ``field`` when it is none (RFC 5321, 6531)."""
    return parse_address(raw, field=field).address


def parse_address(raw: str, *, field: str) -> ParsedAddress:
    """Return the parts of an address; raise FieldError for ``field`` when it is none (RFC 5321, 6531)."""
    from email_validator import EmailNotValidError, validate_email

    typed = raw.strip()
    try:
        found = validate_email(typed, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        raise FieldError(
            field,
            "EMAIL_INVALID",
            text("{address} is not an e-mail address.", address=typed) if typed else text("Give an e-mail address."),
            detail=text("{reason}", reason=str(error)),
            hint=text("Write it as name@example.com."),
        ) from error
    domain = found.ascii_domain.lower()
    return ParsedAddress(found.normalized, found.local_part, domain, address_key(found.local_part, domain))


def address_key(local_part: str, domain: str) -> str:
    """Return what an address is compared by; ``domain`` is in lower-case A-labels already."""
    folded = unicodedata.normalize("NFD", local_part).casefold()
    return f"{unicodedata.normalize('NFC', folded)}@{domain}"
