"""Names that people give to things of theirs."""

from __future__ import annotations

from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import Text, text

LONGEST_NAME = 200


def parse_object_name(raw: str, *, code: str, ask: Text) -> str:
    """Return a name with single spaces; raise FieldError for ``name``, its code beginning with ``code``.

    ``ask`` is what is said when there is no name at all.
    """
    name = " ".join(raw.split())
    if not name:
        raise FieldError("name", f"{code}_EMPTY", ask)
    if len(name) > LONGEST_NAME:
        raise FieldError("name", f"{code}_LONG", text("A name has at most {longest} characters.", longest=LONGEST_NAME))
    if not name.isprintable():
        raise FieldError(
            "name",
            f"{code}_CHARACTER",
            text("The name holds a character that cannot be shown."),
            hint=text("Type it instead of pasting it."),
        )
    return name
