"""What a setting is, and the checks that several of them share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import Text, text


@dataclass(frozen=True, slots=True)
class SettingKey:
    """One setting; ``normalise`` returns a value as it is stored, or raises FieldError with the key as its field."""

    key: str
    default: str
    explanation: Text
    normalise: Callable[[str], str]


def whole_number(key: str, lowest: int, highest: int) -> Callable[[str], str]:
    """Return the check of a setting that is a whole number within bounds."""

    def normalise(value: str) -> str:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
            raise FieldError(
                key,
                "SETTING_NUMBER",
                text("{key} is a whole number from {lowest} to {highest}.", key=key, lowest=lowest, highest=highest),
                hint=text("Correct it and save again."),
            )
        return str(int(value))

    return normalise


def time_of_day(key: str, example: str) -> Callable[[str], str]:
    """Return the check of a setting that is a time of day: hours and minutes, such as the ``example``."""

    def normalise(value: str) -> str:
        found = parse_time(value)
        if found is None:
            raise FieldError(
                key,
                "SETTING_TIME",
                text("{value} is no time of the day.", value=value),
                hint=text("Write hours and minutes, such as {example}.", example=example),
            )
        return f"{found:%H:%M}"

    return normalise


def parse_time(value: str) -> time | None:
    """Return the time of day that ``HH:MM`` says; None when it says none."""
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", value)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def yes_or_no(key: str) -> Callable[[str], str]:
    """Return the check of a setting that is ``yes`` or ``no``."""

    def normalise(value: str) -> str:
        word = value.lower()
        if word in ("yes", "on", "true", "1"):
            return "yes"
        if word in ("no", "off", "false", "0"):
            return "no"
        raise FieldError(
            key, "SETTING_YES_NO", text("{key} is yes or no.", key=key), hint=text("Correct it and save again.")
        )

    return normalise
