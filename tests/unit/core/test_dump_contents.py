"""What pg_restore prints about a dump is understood, and something else is told from it."""

from __future__ import annotations

from datetime import UTC, datetime

from smtpy_desktop.core.dump_contents import count_rows, parse_contents

LISTED = """;
; Archive created at 2026-11-22 20:00:01 UTC
;     dbname: smtpy
;     Format: CUSTOM
;
217; 1259 16402 TABLE public alembic_version smtpy
218; 1259 16407 TABLE public odd name smtpy
3456; 0 16402 TABLE DATA public alembic_version smtpy
219; 1259 16410 SEQUENCE public messages_id_seq smtpy
"""
ROWS = "SET x = 1;\nCOPY public.alembic_version (version_num) FROM stdin;\n0020_x\n\\.\n\n"


def test_moment_tables_and_revision_are_found() -> None:
    facts = parse_contents(LISTED, ROWS)

    assert facts.made_at == datetime(2026, 11, 22, 20, 0, 1, tzinfo=UTC)
    assert facts.tables == {"alembic_version", "odd name"}
    assert facts.schema_revision == "0020_x"


def test_without_a_revision_it_is_none_of_ours() -> None:
    empty = ROWS.replace("0020_x\n", "")

    assert parse_contents(LISTED, empty).schema_revision == ""
    assert parse_contents("", "").tables == frozenset()


def test_rows_are_counted_whatever_they_and_their_table_are_called() -> None:
    printed = (
        b"SET x = 1;\n\nCOPY public.messages (id, subject) FROM stdin;\n1\tCOPY public.other (id) FROM stdin;\n"
        b"2\t\\\\.\n\\.\n\n"
        b'COPY "Odd ""schema"""."a:b (c) %s" ("x y") FROM stdin;\nx\n\\.\n'
        b"COPY public.empty  FROM stdin;\n\\.\nSELECT 1;\n"
    )

    counts = count_rows(printed.splitlines(keepends=True))

    assert counts == {"public.messages": 2, 'Odd "schema".a:b (c) %s': 1, "public.empty": 0}
