"""What must be known before there is a database: which one it is, and how the window looks.

Saved as JSON in the profile, whole or not at all; no secret is ever in it.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.paths import Profile
from smtpy_desktop.schemas.connection import ServerAddress, TlsMode
from smtpy_desktop.schemas.text import text
from smtpy_desktop.whole_file import write_whole

_log = logging.getLogger(__name__)

_KINDS: dict[str, type] = {"first_run_done": bool, "theme": str, "language": str, "utc": bool, "contrast": str}


@dataclass(frozen=True, slots=True)
class Config:
    """``server`` is None for the built-in database; ``first_run_done`` tells that the choice has been made.

    With ``utc`` times are shown in UTC instead of this machine's zone.
    """

    server: ServerAddress | None = None
    first_run_done: bool = False
    theme: str = "system"
    language: str = ""
    contrast: str = "system"
    utc: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


def load_config(profile: Profile) -> Config:
    """Read a profile's configuration; a damaged file is replaced by its last good copy, and nothing is deleted.

    Raises UserFacingError when there is a file but neither it nor its copy can be read.
    """
    path = profile.config_file
    if not path.exists():
        return Config()
    for candidate in (path, _backup(path)):
        try:
            return _parse(json.loads(candidate.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            _log.info("%s cannot be read: %s", candidate, error)
    raise UserFacingError(
        "CONFIG_DAMAGED",
        text("The configuration {path} cannot be read.", path=path),
        hint=text("Correct it or move it away; without it the program asks for the database again."),
    )


def save_config(profile: Profile, config: Config) -> None:
    """Write a profile's configuration so that a crash at any moment leaves the old or the new one.

    Raises UserFacingError when it cannot be written.
    """
    path = profile.config_file
    try:
        _keep_copy(path)
        write_whole(path, json.dumps(_to_json(config), indent=2) + "\n")
    except OSError as error:
        raise UserFacingError(
            "CONFIG_NOT_SAVED",
            text("The configuration {path} could not be saved.", path=path),
            detail=text("{reason}.", reason=error.strerror or str(error)),
            hint=text("Nothing was changed. Make room or correct the directory's rights, and try again."),
        ) from error


def _keep_copy(path: Path) -> None:
    """Keep the present file as the copy, if it can be read."""
    if not path.exists():
        return
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        content = path.read_text(encoding="utf-8")
        _parse(json.loads(content))
        write_whole(_backup(path), content)


def with_server(config: Config, server: ServerAddress | None) -> Config:
    """Return the configuration with the choice of a database made."""
    return replace(config, server=server, first_run_done=True)


def _parse(data: Any) -> Config:
    if not isinstance(data, dict):
        raise TypeError("the configuration is no JSON object")
    known = {key: data.pop(key) for key in _KINDS if key in data}
    wrong = [key for key, value in known.items() if type(value) is not _KINDS[key]]
    if wrong:
        raise TypeError(f"{wrong[0]} is no {_KINDS[wrong[0]].__name__}")
    server = data.pop("server", None)
    return Config(server=_parse_server(server) if server is not None else None, **known, extra=data)


def _parse_server(data: Any) -> ServerAddress:
    server = ServerAddress(**(data | {"tls_mode": TlsMode(data["tls_mode"])}))
    texts = (server.host, server.database, server.user, server.ca_file or "")
    if type(server.port) is not int or not all(isinstance(value, str) for value in texts):
        raise TypeError("the server's address is damaged")
    return server


def _to_json(config: Config) -> dict[str, Any]:
    content = asdict(config)
    extra = content.pop("extra")
    return {**extra, **content}


def _backup(path: Path) -> Path:
    return path.with_suffix(".json.bak")
