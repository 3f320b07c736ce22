"""E-mail addresses as people type them."""

from __future__ import annotations

from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import text


def domain_of_address(address: str) -> str:
    """Return the domain of an address that ``parse_email_address`` gave, in lower-case A-labels."""
    from email_validator import validate_email

    parsed = validate_email(address, check_deliverability=False, test_environment=True, strict=True)
    return parsed.ascii_domain.lower()


def parse_email_address(raw: str, *, field: str) -> str:
    """Return the address in its normal spelling; raise FieldError for ``field`` when it is none (RFC 5321, 6531)."""
    from email_validator import EmailNotValidError, validate_email

    typed = raw.strip()
    try:
        return validate_email(typed, check_deliverability=False, test_environment=True, strict=True).normalized
    except EmailNotValidError as error:
        raise FieldError(
            field,
            "EMAIL_INVALID",
            text("{address} is not an e-mail address.", address=typed) if typed else text("Give an e-mail address."),
            detail=text("{reason}", reason=str(error)),
            hint=text("Write it as name@example.com."),
        ) from error
