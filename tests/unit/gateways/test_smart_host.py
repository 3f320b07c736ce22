"""Where the password of the smart host comes from: the environment, a file it names, this run, then the keyring."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtpy_desktop.core.keyring_errors import KeyringLocked
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.smart_host import OwnSmartHost
from smtpy_desktop.schemas.secrets import KeyringState, SecretName
from smtpy_desktop.schemas.smart_host import FoundPassword, PasswordSource

SECRET = SecretName.SMARTHOST_PASSWORD


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring(state=KeyringState.AVAILABLE)


async def test_the_environment_goes_before_its_file_this_run_and_the_keyring(
    keyring: MemoryKeyring, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(" with blanks \r\n", encoding="utf-8", newline="")
    environment = {"SMTPY_SMARTHOST_PASSWORD": "first", "SMTPY_SMARTHOST_PASSWORD_FILE": str(file)}
    this_run = MemoryKeyring()
    smart_host = OwnSmartHost(environment, this_run, keyring)
    keyring.write(SECRET, "fourth")
    this_run.write(SECRET, "third")

    found = [await smart_host.find()]
    variables = [smart_host.variable]
    environment.pop("SMTPY_SMARTHOST_PASSWORD")
    found.append(await smart_host.find())
    variables.append(smart_host.variable)
    environment.clear()
    found.append(await smart_host.find())
    this_run.delete(SECRET)
    found.append(await smart_host.find())

    assert found == [
        FoundPassword("first", PasswordSource.ENVIRONMENT),
        FoundPassword(" with blanks ", PasswordSource.FILE),
        FoundPassword("third", PasswordSource.THIS_RUN),
        FoundPassword("fourth", PasswordSource.KEYRING),
    ]
    assert variables == ["SMTPY_SMARTHOST_PASSWORD", "SMTPY_SMARTHOST_PASSWORD_FILE"]
    assert not [one for one in found if one is not None and one.value in repr(one)]


@pytest.mark.parametrize("content", [None, b"", b"\n", b"two\nlines\n", b"\xff\xfe"])
async def test_a_file_without_one_line_of_text_is_told_and_nothing_else_is_taken(
    keyring: MemoryKeyring, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    keyring.write(SECRET, "fourth")

    with pytest.raises(UserFacingError) as error:
        await OwnSmartHost({"SMTPY_SMARTHOST_PASSWORD_FILE": str(file)}, MemoryKeyring(), keyring).find()

    assert error.value.code == "SMARTHOST_PASSWORD_FILE"


async def test_a_password_is_kept_in_the_keyring_and_for_this_run_where_that_is_locked(keyring: MemoryKeyring) -> None:
    smart_host = OwnSmartHost({}, MemoryKeyring(), keyring)

    kept = await smart_host.keep("first")
    keyring.set_state(KeyringState.LOCKED)
    problem = await smart_host.keep("second")
    locked = await smart_host.find()
    keyring.set_state(KeyringState.AVAILABLE)
    await smart_host.keep("third")

    assert (kept, isinstance(problem, KeyringLocked)) == (None, True)
    assert locked == FoundPassword("second", PasswordSource.THIS_RUN)
    assert await smart_host.find() == FoundPassword("third", PasswordSource.KEYRING)
    await smart_host.forget()
    assert await smart_host.find() is None


async def test_a_machine_without_a_keyring_has_no_password_stored() -> None:
    smart_host = OwnSmartHost({}, MemoryKeyring(), MemoryKeyring(state=KeyringState.DENIED))

    assert await OwnSmartHost({}, MemoryKeyring(), MemoryKeyring()).password() is None
    with pytest.raises(UserFacingError):
        await smart_host.password()
