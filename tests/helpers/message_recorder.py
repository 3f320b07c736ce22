"""Keeps what the user would have been told, as data that a test can ask."""

from __future__ import annotations


class MessageRecorder:
    """Stands in wherever the program takes a "show this to the user" callable.

    Every call is kept as it came; ``texts`` are the calls as the user would read them.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[tuple[object, ...], dict[str, object]]] = []

    def __call__(self, *arguments: object, **named: object) -> None:
        self.calls.append((arguments, named))

    @property
    def texts(self) -> list[str]:
        """Everything that was told, oldest first."""
        return [" ".join(map(str, (*arguments, *named.values()))) for arguments, named in self.calls]

    def only(self) -> str:
        """Return the text of the one call there was; fail when there were none or several."""
        assert len(self.calls) == 1, f"expected one message, got {self.texts}"
        return self.texts[0]

    def clear(self) -> None:
        """Forget what was told so far."""
        self.calls.clear()
