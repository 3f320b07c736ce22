"""The commands for messages in the search at the top."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from smtpy_desktop.views.messages_palette import messages_palette


def test_the_page_is_made_only_when_a_command_is_chosen() -> None:
    made: list[str] = []
    done: list[str] = []

    def view() -> Any:
        made.append("page")
        return SimpleNamespace(run_on_page=lambda run: run(), show_search=done.append)

    commands = {entry.title: entry.run for entry in messages_palette(view)}
    made_before = list(made)
    commands["Show failed messages"]()

    assert made_before == []
    assert made == ["page"]
    assert done == ["status:failed"]
