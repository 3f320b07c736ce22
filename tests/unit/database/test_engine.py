"""What the driver's failures become."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from smtpy_desktop.database.engine import translate
from smtpy_desktop.errors import DatabaseUnavailable


@pytest.mark.parametrize("cause", [psycopg.OperationalError, psycopg.errors.ConnectionTimeout])
def test_a_connection_that_cannot_be_made_means_that_the_database_is_away(cause: type[psycopg.Error]) -> None:
    error = OperationalError(None, None, cause("connection timeout expired"))

    translated = translate(error)

    assert isinstance(translated, DatabaseUnavailable)
    assert translated.code == "DATABASE_UNAVAILABLE"
