"""What the program is and what it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Component:
    """One part: its version (empty where it cannot be told), its licence, and the text of that where it is here."""

    name: str
    version: str
    licence: str
    text: str = ""


def no_parts() -> tuple[Component, ...]:
    """Return what a program without a list of its parts has to tell."""
    return ()


@dataclass(frozen=True, slots=True)
class ProgramFacts:
    """The program's version and commit (empty: not known) and Stripe's API version that it speaks.

    ``read_parts`` returns everything that it is made of; it reads files, so call it from a thread.
    """

    version: str
    commit: str = ""
    stripe_api: str = ""
    read_parts: Callable[[], tuple[Component, ...]] = no_parts
