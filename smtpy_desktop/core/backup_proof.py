"""Comparing what was backed up with what came out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smtpy_desktop.schemas.backups import Proof, TableContent, TableProof

_NAMED = 5


def prove(
    before: Sequence[TableContent],
    after: Sequence[TableContent],
    sequences_before: Mapping[str, int],
    sequences_after: Mapping[str, int],
) -> Proof:
    """Compare table by table; one that is missing has no rows and no hash.

    Sequences may be further on than they were: they count on while a backup is written, and gaps do not matter.
    """
    known, found = ({table.name: table for table in tables} for tables in (before, after))
    proofs = []
    for name in sorted(known | found):
        was = known.get(name, TableContent(name, 0, ""))
        now = found.get(name, TableContent(name, 0, ""))
        proofs.append(TableProof(name, was.rows, now.rows, was.hash, now.hash))
    lagging = tuple(sorted(name for name, value in sequences_before.items() if sequences_after.get(name, -1) < value))
    return Proof(tuple(proofs), lagging)


def differences(proof: Proof) -> str:
    """Return the names of what differs, the first few of them."""
    names = [*(table.name for table in proof.tables if not table.holds), *proof.lagging]
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" (+{more})" if more > 0 else "")
