"""A proof holds only when every table is there with every row unchanged, and no sequence would count twice."""

from __future__ import annotations

from smtpy_desktop.core.backup_proof import differences, prove
from smtpy_desktop.schemas.backups import TableContent

ONE, TWO = TableContent("public.one", 3, "aa"), TableContent("public.two", 0, "bb")


def test_the_same_contents_hold() -> None:
    proof = prove((ONE, TWO), (TWO, ONE), {"s": 3}, {"s": 3})

    assert proof.holds
    assert proof.rows == 3


def test_a_missing_table_a_new_one_and_another_hash_do_not_hold() -> None:
    changed = TableContent("public.one", 3, "ff")
    new = TableContent("public.three", 0, "cc")

    proof = prove((ONE, TWO), (changed, new), {}, {})

    assert not proof.holds
    assert differences(proof) == "public.one, public.three, public.two"


def test_a_sequence_that_lags_does_not_hold_and_one_that_is_further_on_does() -> None:
    lagging = prove((ONE,), (ONE,), {"s": 3}, {"s": 2})
    further = prove((ONE,), (ONE,), {"s": 3}, {"s": 9})

    assert (lagging.holds, lagging.lagging) == (False, ("s",))
    assert further.holds


def test_nothing_at_all_proves_nothing() -> None:
    assert not prove((), (), {}, {}).holds


def test_many_differences_are_counted() -> None:
    tables = tuple(TableContent(f"t{number}", 1, "x") for number in range(8))

    assert differences(prove(tables, (), {}, {})) == "t0, t1, t2, t3, t4 (+3)"
