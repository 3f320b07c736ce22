"""The smart host of one installation: where its password comes from, and trying whether it lets us in.

What that takes is loaded when it is wanted: this file belongs to the start of the window.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from smtpy_desktop.core.keyring_errors import KeyringMissing, KeyringUnavailable
from smtpy_desktop.gateways.memory_keyring import KeyringLike
from smtpy_desktop.schemas.secrets import SecretName

if TYPE_CHECKING:
    from smtpy_desktop.schemas.outgoing_mail import MailServer
    from smtpy_desktop.schemas.smart_host import FoundPassword, SmartHostFinding

PASSWORD_VARIABLE = "SMTPY_SMARTHOST_PASSWORD"  # noqa: S105 - the name of a variable
FILE_VARIABLE = "SMTPY_SMARTHOST_PASSWORD_FILE"
_SECRET = SecretName.SMARTHOST_PASSWORD
_LONGEST_FILE = 4096


class SmartHostTools(Protocol):
    """What is needed to send by a smart host; the password comes from the environment first, then this run, then kept.

    What reads or writes secrets raises KeyringUnavailable, and UserFacingError for a file that cannot be read.
    """

    @property
    def variable(self) -> str:
        """The variable of the environment that decides about the password; empty: none does."""
        ...

    async def find(self) -> FoundPassword | None:
        """Return the password with its source, None when there is none."""
        ...

    async def password(self) -> str | None:
        """Return the password, None when there is none."""
        ...

    async def problem(self) -> KeyringUnavailable | None:
        """Return why the keyring cannot be used now; None when it can."""
        ...

    async def keep(self, password: str) -> KeyringUnavailable | None:
        """Keep a password in the keyring, or for this run where that cannot be; return why it is not in the keyring."""
        ...

    async def forget(self) -> None:
        """Forget the password."""
        ...

    async def try_server(self, server: MailServer, hostname: str, password: str | None) -> SmartHostFinding:
        """Connect, sign in and leave, without sending mail; raise UserFacingError saying what is in the way."""
        ...


class OwnSmartHost:
    """The smart host of one installation."""

    def __init__(self, environment: Mapping[str, str], run_secrets: KeyringLike, keyring: KeyringLike) -> None:
        self._environment = environment
        self._run_secrets, self._keyring = run_secrets, keyring

    @property
    def variable(self) -> str:
        """The variable of the environment that decides about the password."""
        return next((name for name in (PASSWORD_VARIABLE, FILE_VARIABLE) if self._environment.get(name)), "")

    async def find(self) -> FoundPassword | None:
        """Return the password with its source."""
        return await asyncio.to_thread(self._find)

    async def password(self) -> str | None:
        """Return the password."""
        found = await self.find()
        return found.value if found is not None else None

    async def problem(self) -> KeyringUnavailable | None:
        """Return why the keyring cannot be used now."""
        return await asyncio.to_thread(self._keyring.problem)

    async def keep(self, password: str) -> KeyringUnavailable | None:
        """Keep a password in the keyring, or for this run."""
        return await asyncio.to_thread(self._keep, password)

    async def forget(self) -> None:
        """Forget the password."""
        await asyncio.to_thread(self._forget)

    async def try_server(self, server: MailServer, hostname: str, password: str | None) -> SmartHostFinding:
        """Connect, sign in and leave."""
        from smtpy_desktop.gateways.smart_host_trial import try_smart_host

        return await try_smart_host(server, hostname, password)

    def _find(self) -> FoundPassword | None:
        from smtpy_desktop.schemas.smart_host import FoundPassword, PasswordSource

        named = self._environment.get(PASSWORD_VARIABLE)
        if named:
            return FoundPassword(named, PasswordSource.ENVIRONMENT)
        file = self._environment.get(FILE_VARIABLE)
        if file:
            return FoundPassword(_read_file(Path(file).expanduser()), PasswordSource.FILE)
        of_this_run = self._run_secrets.read(_SECRET)
        if of_this_run is not None:
            return FoundPassword(of_this_run, PasswordSource.THIS_RUN)
        try:
            stored = self._keyring.read(_SECRET)
        except KeyringMissing:
            return None
        return FoundPassword(stored, PasswordSource.KEYRING) if stored is not None else None

    def _keep(self, password: str) -> KeyringUnavailable | None:
        problem = self._keyring.problem()
        if problem is None:
            try:
                self._keyring.write(_SECRET, password)
            except KeyringUnavailable as error:
                problem = error
        if problem is None:
            self._run_secrets.delete(_SECRET)  # one that was kept for this run would hide the new one
        else:
            self._run_secrets.write(_SECRET, password)
        return problem

    def _forget(self) -> None:
        self._run_secrets.delete(_SECRET)
        try:
            self._keyring.delete(_SECRET)
        except KeyringMissing:
            return  # then it holds nothing


def _read_file(path: Path) -> str:
    """Return the only line of a file, without its end."""
    from smtpy_desktop.core.smart_host_errors import password_file_unreadable

    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_FILE).decode()
    except OSError as error:
        raise password_file_unreadable(path, error.strerror or str(error)) from error
    except UnicodeDecodeError:
        raise password_file_unreadable(path, "It is not text") from None
    password = content.removesuffix("\n").removesuffix("\r")
    if not password or "\n" in password:
        raise password_file_unreadable(path, "It is empty" if not password else "It has several lines")
    return password
