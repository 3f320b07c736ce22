"""Build the packaged program: ``make package`` (docs/packaging.md says what comes out and how it is tried).

Runs in the environment ``.venv-package``, which has nothing but what the program needs and PyInstaller.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import package_archives, package_checks, package_libraries, package_parts
from tools.package_contents import program_version

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "build" / "package"
TREE = OUTPUT / "tree" / "smtpy-desktop"


def main(arguments: list[str] | None = None) -> int:
    """Build everything and return the exit status."""
    parser = argparse.ArgumentParser(prog="package", description="Build the packaged program.")
    parser.add_argument("--tree-only", action="store_true", help="build the directory alone, no archives")
    parser.add_argument("--quick", action="store_true", help="compress quickly: bigger archives, for trying them out")
    chosen = parser.parse_args(arguments)
    os.environ["SOURCE_DATE_EPOCH"] = _time_of_last_commit()
    try:
        build_tree()
        package_libraries.clean_libraries(TREE / "_internal")
        parts = package_parts.add_parts(TREE, OUTPUT / "work" / "smtpy" / "contents.json")
        (TREE / "_internal" / "build.json").write_text(json.dumps({"commit": _git("rev-parse", "HEAD")}) + "\n")
        package_checks.check_tree(TREE)
        if not chosen.tree_only:
            archives = package_archives.Archives(TREE, OUTPUT, program_version(ROOT), level=1 if chosen.quick else 6)
            for path in archives.build(parts):
                print(f"{path.stat().st_size / 1e6:8.1f} MB  {path.relative_to(ROOT)}")
    except (package_checks.PackageFault, subprocess.CalledProcessError) as fault:
        print(f"\nThe package was not built: {fault}", file=sys.stderr)
        return 1
    return 0


def build_tree() -> None:
    """Have PyInstaller collect the program into ``TREE``; its own messages are kept in a file."""
    shutil.rmtree(OUTPUT / "tree", ignore_errors=True)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--distpath", str(OUTPUT / "tree")]
    command += ["--workpath", str(OUTPUT / "work"), str(ROOT / "smtpy.spec")]
    log = OUTPUT / "pyinstaller.log"
    print("Collecting the program (about a minute) …", flush=True)
    with log.open("wb") as out:
        done = subprocess.run(
            command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=_environment(), check=False
        ).returncode
    if done:
        print("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]), file=sys.stderr)
        raise subprocess.CalledProcessError(done, command[:3])


def _environment() -> dict[str, str]:
    """Return what makes two builds of one commit alike."""
    return os.environ | {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}


def _time_of_last_commit() -> str:
    """Return the seconds since 1970 that every file of the package bears."""
    return _git("log", "-1", "--format=%ct") or "1767225600"


def _git(*arguments: str) -> str:
    """Return what git answers; nothing where the source is no clone."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
