"""Sample organizations and domains, written by the database itself: a hundred thousand take seconds."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg.types.json import Jsonb

from smtpy_desktop.core.dkim_key import generate_dkim_key
from smtpy_desktop.core.wanted_records import new_verification_token

SELECTOR = "bench1"
_RIGHT = {kind: {"verdict": "ok", "wrong_count": 0} for kind in ("mx", "spf", "dkim", "dmarc", "ownership")}
_WRONG = _RIGHT | {"spf": {"verdict": "wrong", "wrong_count": 1}}

_ORGANIZATIONS = """
INSERT INTO organizations (name, email)
SELECT 'Customer ' || md5(n::text), 'admin' || n || '@example.com' FROM generate_series(1, %s) AS n
"""

# One shared key: making one for each of them would take hours, and nothing here depends on it. None is due to be
# checked by itself, so that nothing runs beside what is measured.
_DOMAINS = """
INSERT INTO domains (
    organization_id, name, unicode_name, status, is_active, needs_attention, record_states, last_checked_at,
    next_check_at, created_at, dkim_selector, dkim_public_key, verification_token
)
SELECT
    organizations.id, name, name,
    (ARRAY['verified', 'verified', 'pending', 'failed'])[1 + n %% 4],
    n %% 50 > 0, n %% 4 = 3,
    CASE WHEN n %% 10 = 0 THEN '{}'::jsonb WHEN n %% 4 = 3 THEN %(wrong)s::jsonb ELSE %(right)s::jsonb END,
    CASE WHEN n %% 10 > 0 THEN now() - n * interval '13 seconds' END,
    now() + interval '1 day',
    now() - interval '1 year' + n * interval '5 seconds',
    %(selector)s, %(key)s, %(token)s
FROM generate_series(0, %(count)s - 1) AS n
CROSS JOIN LATERAL (SELECT substr(md5(n::text), 1, 6) || '-' || n || '.example.org' AS name) AS named
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total FROM organizations)
    AS organizations ON organizations.place = n %% organizations.total
"""


def write_domains(connection: psycopg.Connection, count: int, organizations: int) -> None:
    """Write organizations and domains, evenly spread over states, times and organizations."""
    connection.execute(_ORGANIZATIONS, [organizations])
    values = {
        "count": count,
        "selector": SELECTOR,
        "key": generate_dkim_key().public_key,
        "token": new_verification_token(),
        "right": Jsonb(_RIGHT),
        "wrong": Jsonb(_WRONG),
    }
    connection.execute(_DOMAINS, values)
    connection.execute("VACUUM ANALYZE")


def write_settings(connection: psycopg.Connection, settings: Mapping[str, str]) -> None:
    """Store settings as they are."""
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO server_settings (key, value) VALUES (%s, %s)", list(settings.items()))
