"""What helps to find out what went wrong, put together: the logs of a profile. Part of the composition root."""

from __future__ import annotations

from smtpy_desktop.gateways.log_files import LogFiles
from smtpy_desktop.gateways.postgres_account import known_home
from smtpy_desktop.paths import Profile, default_profile, profile_at


def find_logs(profile: Profile) -> LogFiles:
    """Return the logs of a profile and of its built-in database; nothing is opened or made."""
    return LogFiles(profile.logs, lambda: known_home(profile.postgres) / "server.log")


def named_profile(directory: str | None) -> Profile:
    """Return the profile that a command line names, or the user's own."""
    return profile_at(directory) if directory is not None else default_profile()
