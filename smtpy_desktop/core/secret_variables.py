"""Which variables of the environment hold secrets, so that no program that is started gets them."""

from __future__ import annotations

from collections.abc import Mapping

SECRET_VARIABLES = frozenset(
    {
        "DATABASE_URL",
        "SMTPY_DATABASE_PASSWORD",
        "SMTPY_SMARTHOST_PASSWORD",
        "STRIPE_API_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "PGPASSWORD",
    }
)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for another program, which has no need of secrets."""
    return {name: value for name, value in environment.items() if name.upper() not in SECRET_VARIABLES}
