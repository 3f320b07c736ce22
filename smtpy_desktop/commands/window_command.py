"""The commands that open a window."""

from __future__ import annotations

import click

from smtpy_desktop.commands.frame import Invocation, pass_invocation


@click.command()
@pass_invocation
def gui(invocation: Invocation) -> int:
    """Open the window."""
    return invocation.start("gui", invocation.options, {})


@click.command()
@click.option("--fresh", is_flag=True, help="Throw the sandbox's data away and begin anew.")
@pass_invocation
def sandbox(invocation: Invocation, fresh: bool) -> int:
    """Open the window on sample data, with stand-ins for the outside world."""
    return invocation.start("sandbox", invocation.options, {"fresh": fresh})


@click.command()
@click.option("--output", default="build/tour", show_default=True, help="Where the pictures and the report go.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
@click.option("--size", default="1440x900", show_default=True, help="The size of the window.")
@pass_invocation
def tour(invocation: Invocation, output: str, theme: str, size: str) -> int:
    """Walk through the main job by itself in a fresh sandbox and write a report with pictures."""
    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise click.BadParameter("write it as 1440x900", param_hint="--size")
    choices = {"output": output, "theme": theme, "size": (int(width), int(height))}
    return invocation.start("tour", invocation.options, choices)
