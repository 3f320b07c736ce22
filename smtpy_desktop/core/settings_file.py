"""Settings as a JSON file: one setting a line, and every fault found by its line."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping

from smtpy_desktop.core.setting_keys import SETTINGS, normalise_setting
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.settings import SettingLine
from smtpy_desktop.schemas.text import Text, text

FORMAT = "smtpy-desktop-settings"
VERSION = 1
LARGEST_FILE = 1_000_000
"""Bytes; all settings there are take a few thousand."""

_BLANK = re.compile(r"[ \t\r\n]*")
_FORBIDDEN = ("Cc", "Cs")
_Member = tuple[int, str, object, int]


def write_settings(values: Mapping[str, str]) -> str:
    """Return the file that holds these values."""
    content = {"format": FORMAT, "version": VERSION, "settings": dict(values)}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def read_settings(content: bytes) -> tuple[SettingLine, ...]:
    """Return the settings of a file in its order, each checked; values equal to the default are returned empty.

    Raises UserFacingError when the file as a whole cannot be one.
    """
    written = _decoded(content)
    try:
        json.loads(written)
        members = {key: (value, at) for _, key, value, at in _members(written, _skip(written, 0))}
    except (ValueError, RecursionError) as error:
        raise _not_json(written, error) from error
    _check_kind(members)
    value, at = members["settings"]
    if not isinstance(value, dict):
        raise _foreign()
    return tuple(_checked(written, _members(written, at)))


def _decoded(content: bytes) -> str:
    if len(content) > LARGEST_FILE:
        raise UserFacingError(
            "SETTINGS_FILE_TOO_LARGE",
            text("The file is too large to hold settings."),
            hint=text("Choose a file that was written by exporting settings."),
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserFacingError(
            "SETTINGS_FILE_NO_TEXT",
            text("The file is no text in UTF-8."),
            hint=text("Choose a file that was written by exporting settings."),
        ) from error


def _members(written: str, at: int) -> Iterator[_Member]:
    """Yield line, key, value and place of the value of every member of the object that begins at a place.

    json.loads, which has read it before, drops repeated keys and knows no lines; both are needed here. Raises
    ValueError where it is no object.
    """
    decode = json.JSONDecoder().raw_decode
    at = _expect(written, at, "{")
    if written[at : at + 1] == "}":
        return
    while True:
        key, end = decode(written, at)
        if not isinstance(key, str):
            raise json.JSONDecodeError("Expecting a name in quotes", written, at)
        line = written.count("\n", 0, at) + 1
        start = _expect(written, _skip(written, end), ":")
        value, end = decode(written, start)
        yield line, key, value, start
        at = _skip(written, end)
        if written[at : at + 1] == "}":
            return
        at = _expect(written, at, ",")


def _expect(written: str, at: int, sign: str) -> int:
    if written[at : at + 1] != sign:
        raise json.JSONDecodeError(f"Expecting '{sign}'", written, at)
    return _skip(written, at + 1)


def _skip(written: str, at: int) -> int:
    found = _BLANK.match(written, at)
    return found.end() if found is not None else at


def _check_kind(members: Mapping[str, tuple[object, int]]) -> None:
    kind, version = (members.get(name, (None, 0))[0] for name in ("format", "version"))
    if kind != FORMAT or "settings" not in members or type(version) is not int:
        raise _foreign()
    if version > VERSION:
        raise UserFacingError(
            "SETTINGS_FILE_NEWER",
            text("The file was written by a newer version of this program."),
            hint=text("Update this program, or export the settings with the same version."),
        )


def _checked(written: str, members: Iterator[_Member]) -> Iterator[SettingLine]:
    seen: dict[str, int] = {}
    for line, key, value, _ in members:
        if key in seen:
            words = text("{key} stands in line {line} already.", key=_shown(key), line=seen[key])
            yield SettingLine(line, _shown(key), "", words)
            continue
        seen[key] = line
        yield _line(line, key, value)


def _line(line: int, key: str, value: object) -> SettingLine:
    if key not in SETTINGS:
        return SettingLine(line, _shown(key), "", text("There is no setting {key}.", key=_shown(key)))
    given = _as_text(value)
    if given is None:
        words = text("The value of {key} is neither a text nor a number nor true or false.", key=key)
        return SettingLine(line, key, "", words)
    if any(unicodedata.category(letter) in _FORBIDDEN for letter in given):
        return SettingLine(line, key, "", text("The value of {key} holds signs that cannot be stored.", key=key))
    try:
        stored = normalise_setting(key, given)
    except FieldError as error:
        return SettingLine(line, key, "", _reason(error))
    return SettingLine(line, key, "" if stored == SETTINGS[key].default else stored)


def _as_text(value: object) -> str | None:
    """Return a value as settings are written; people write numbers and yes or no as JSON has them, too."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else None


def _reason(error: FieldError) -> Text:
    return text("{message} {detail}", message=error.message, detail=error.detail) if error.detail else error.message


def _shown(key: str) -> str:
    """Return a key of a stranger's file as it may be shown: short, on one line, without signs that steer."""
    visible = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c).startswith("C") else c for c in key)
    return visible if len(visible) <= 80 else visible[:79] + "…"


def _not_json(written: str, error: Exception) -> UserFacingError:
    line = error.lineno if isinstance(error, json.JSONDecodeError) else None
    return UserFacingError(
        "SETTINGS_FILE_DAMAGED",
        text("Line {line} of the file cannot be read.", line=line) if line else text("The file cannot be read."),
        detail=text("It is not the JSON that this program writes."),
        hint=text("Export the settings again, or correct that line."),
    )


def _foreign() -> UserFacingError:
    return UserFacingError(
        "SETTINGS_FILE_FOREIGN",
        text("This file holds no settings of this program."),
        hint=text("Choose a file that was written by exporting settings."),
    )
