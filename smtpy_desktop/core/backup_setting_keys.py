"""The settings of backups, as they are listed."""

from __future__ import annotations

from pathlib import Path

from smtpy_desktop.core.setting_key import SettingKey, time_of_day, whole_number, yes_or_no
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import text

DIRECTORY_KEY = "backups.directory"
EVERY_KEY = "backups.every"
AT_KEY = "backups.at"
KEEP_KEY = "backups.keep"
VERIFY_KEY = "backups.verify"

EVERY = ("off", "daily", "weekly")


def _directory(value: str) -> str:
    if "\0" in value or not Path(value).is_absolute():
        raise FieldError(
            DIRECTORY_KEY,
            "SETTING_DIRECTORY",
            text("{value} is no whole path.", value=value),
            hint=text("Give it from the root on, such as /srv/backups; empty: inside the profile."),
        )
    return value


def _every(value: str) -> str:
    if value.lower() not in EVERY:
        raise FieldError(
            EVERY_KEY,
            "SETTING_EVERY",
            text("{key} is off, daily or weekly.", key=EVERY_KEY),
            hint=text("Correct it and save again."),
        )
    return value.lower()


BACKUP_SETTINGS = (
    SettingKey(
        DIRECTORY_KEY,
        "",
        text("The directory that backups go to, on the machine that makes them; empty: backups inside the profile."),
        _directory,
    ),
    SettingKey(
        EVERY_KEY,
        "off",
        text("How often a backup is made by itself while a window or a forwarder runs: off, daily or weekly (Sunday)."),
        _every,
    ),
    SettingKey(
        AT_KEY,
        "03:00",
        text("From which time of the day on, by the clock of that machine."),
        time_of_day(AT_KEY, "03:00"),
    ),
    SettingKey(
        KEEP_KEY,
        "7",
        text("How many of the backups that were made by the clock are kept; older ones are removed after a good one."),
        whole_number(KEEP_KEY, 1, 1000),
    ),
    SettingKey(
        VERIFY_KEY,
        "yes",
        text("Whether every backup is proved at once by restoring it beside the database and comparing every table."),
        yes_or_no(VERIFY_KEY),
    ),
)
