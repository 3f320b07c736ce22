"""What tests with Debian's programs share with those that need only PostgreSQL and sockets."""

from __future__ import annotations

from tests.integration.conftest import (
    actor,
    connect,
    database,
    database_url,
    migrated_template,
    new_database_url,
    organization,
    postgres,
    sandbox_dns,
    short_directory,
)

__all__ = [
    "actor",
    "connect",
    "database",
    "database_url",
    "migrated_template",
    "new_database_url",
    "organization",
    "postgres",
    "sandbox_dns",
    "short_directory",
]
