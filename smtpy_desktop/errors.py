"""The three kinds of failure: told to the user, silent, and (everything else) a bug."""

from __future__ import annotations

import errno

from smtpy_desktop.schemas.text import Text, text

UNAVAILABLE = "DATABASE_UNAVAILABLE"
"""The code of the failure that ends by itself once the database is there again."""

FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
"""What an OSError's number is when there is no room left."""


class SmtpyError(Exception):
    """Root of every exception that this program raises on purpose."""


class UserFacingError(SmtpyError):
    """A failure whose text is written for the user: what failed, why, and what to do next.

    ``code`` is stable and may be used by scripts; ``message`` says what failed, ``detail`` why, ``hint`` what to do.
    """

    def __init__(
        self, code: str, message: Text | str, *, detail: Text | str | None = None, hint: Text | str | None = None
    ) -> None:
        self.code = code
        self.message = _as_text(message)
        self.detail = _as_text(detail) if detail is not None else None
        self.hint = _as_text(hint) if hint is not None else None
        super().__init__(str(self.message))

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.message, self.detail, self.hint) if part is not None)


class FieldError(UserFacingError):
    """Input that one field of a form has to correct.

    ``field`` is that field's name; ``suggestion`` is the input that was probably meant, ready to be used instead.
    """

    def __init__(
        self,
        field: str,
        code: str,
        message: Text | str,
        *,
        detail: Text | str | None = None,
        hint: Text | str | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(code, message, detail=detail, hint=hint)
        self.field = field
        self.suggestion = suggestion


class NotFoundError(UserFacingError):
    """The object asked for does not exist (any more)."""


class ConflictError(UserFacingError):
    """The change is refused because of something that already exists or has changed meanwhile."""


class DatabaseUnavailable(UserFacingError):
    """The database cannot be reached; the same action may work in a moment."""


class Cancelled(SmtpyError):
    """The user stopped the work; nothing is shown."""


def _as_text(value: Text | str) -> Text:
    return value if isinstance(value, Text) else text("{message}", message=value)
