"""What the role that a database is opened with may do, and the groups that give such rights."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class DatabaseAccess(enum.StrEnum):
    """*full*: everything; *forward*: take in and deliver mail, and nothing else; *read*: look, and change nothing.

    *closed*: the database takes changes of nobody now (a replica, or set to be read only).
    """

    FULL = "full"
    FORWARD = "forward"
    READ = "read"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class GrantedRole:
    """A group of roles, with the names of those that are in it."""

    name: str
    members: tuple[str, ...] = ()
