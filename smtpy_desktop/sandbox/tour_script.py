"""What the chapters of the tour are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from smtpy_desktop.sandbox.tour_hands import TourHands, Walk
from smtpy_desktop.sandbox.world import SandboxWorld


class Tour:
    """Handed to every chapter: the hands, the world around, the directory for files, and the camera."""

    def __init__(self, hands: TourHands, world: SandboxWorld, output: Path) -> None:
        self.hands = hands
        self.world = world
        self.output = output.resolve()
        self.take: Callable[[str, str], None] = _nothing

    def step(self, title: str, sentence: str) -> Walk:
        """Wait until the window is at rest, then take the picture of a step."""
        yield from self.hands.until_calm()
        self.take(title, sentence)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One part of the tour; ``walk`` is a generator function that acts through the hands and takes the steps."""

    title: str
    walk: Callable[[Tour], Walk]


def _nothing(title: str, sentence: str) -> None:
    return
