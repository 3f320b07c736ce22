"""What charts show: bars made of parts, and bars with a name."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.views.theme_tokens import Colors


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of part: its name, and the name of its colour among the theme's."""

    name: str
    color: str

    def color_in(self, colors: Colors) -> str:
        """Return the colour in a theme."""
        return str(getattr(colors, self.color))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a short label below it, a title for its values, and a value for each series."""

    label: str
    title: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        """The whole height."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class RankedBar:
    """One line of a ranking."""

    label: str
    value: int
