"""The program's command line as a whole; each command's module is loaded when it is called."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

import click

from smtpy_desktop import __version__
from smtpy_desktop.commands.frame import Invocation, Options, guarded

_COMMANDS = {
    "gui": ("window_command", "gui", "Open the window (what happens when no command is given)."),
    "sandbox": ("window_command", "sandbox", "Open the window on sample data, with stand-ins for the outside world."),
    "tour": ("window_command", "tour", "Walk through the main job by itself and write a report with pictures."),
    "organizations": ("organizations_command", "organizations", "List and add organizations."),
    "domains": ("domains_command", "domains", "Look after domains and verify their DNS records."),
    "aliases": ("aliases_command", "aliases", "Say where mail to the addresses of your domains goes."),
    "rules": ("rules_command", "rules", "Say what is done with certain mail to an alias or a domain."),
    "messages": ("messages_command", "messages", "Find, understand, change and export messages."),
    "forwarder": ("forwarder_command", "forwarder", "Forward mail without a window, and look after the queue."),
    "listener": ("listener_command", "listener", "Take in Stripe's events without a window."),
    "billing": ("billing_command", "billing", "Look after subscriptions at Stripe."),
    "notices": ("notices_command", "notices", "See what is wrong now, and what to do about it."),
    "settings": ("settings_command", "settings", "Read and change the settings."),
    "logs": ("logs_command", "logs", "Read and follow the logs, the database server's included."),
    "support-bundle": (
        "support_bundle_command",
        "support_bundle",
        "Pack up what helps to find a fault, without secrets.",
    ),
    "profiles": ("profiles_command", "profiles", "Name installations, such as production and test."),
    "migrate": ("migrate_command", "migrate", "Set up or upgrade the database's schema."),
    "backup": ("backup_command", "backup", "Make, list and prove backups of the database."),
    "restore": ("restore_command", "restore", "Put a backup in the place of the database."),
    "move-to-server": ("move_command", "move_to_server", "Move from the built-in database to a PostgreSQL server."),
    "selftest": ("selftest_command", "selftest", "Check every part and say what to do about problems."),
}


class _LazyGroup(click.Group):
    """Knows its commands by name and loads a command's module when it is called."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, function, _ = _COMMANDS[name]
        loaded = getattr(importlib.import_module(f"smtpy_desktop.commands.{module}"), function)
        return loaded if isinstance(loaded, click.Command) else None

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, name="smtpy-desktop", invoke_without_command=True)
@click.option(
    "--profile", metavar="NAME|DIR", help="The installation to use: its name, or the directory that holds it."
)
@click.option("--database-url", metavar="URL", help="A PostgreSQL server to use instead of the profile's database.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, and failures too.")
@click.version_option(__version__, prog_name="smtpy-desktop")
@click.pass_context
def cli(context: click.Context, profile: str | None, database_url: str | None, as_json: bool) -> None:
    """Look after your own e-mail forwarding and its domains."""
    invocation: Invocation = context.obj
    address = database_url or os.environ.get("DATABASE_URL") or None
    if profile == "":
        raise click.BadParameter("it is empty", param_hint="--profile")
    invocation.options = Options(profile, address, as_json or invocation.options.as_json)
    if context.invoked_subcommand is None:
        context.invoke(cli.get_command(context, "gui"))  # type: ignore[arg-type]


def without_json(words: Sequence[str]) -> list[str]:
    """Return the command line without ``--json``, which may stand anywhere before a ``--``."""
    end = words.index("--") if "--" in words else len(words)
    return [word for place, word in enumerate(words) if word != "--json" or place > end]


def run_command_line(invocation: Invocation, arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that lacks a letter must not end a command: it gets the letter's number instead.
        sys.stdout.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    words = without_json(given)
    # Before the options are parsed, a usage error must already be told in the wanted shape.
    invocation.options = replace(invocation.options, as_json=words != given)

    def main() -> int | None:
        outcome = cli.main(args=words, standalone_mode=False, obj=invocation, prog_name="smtpy-desktop")
        return outcome if isinstance(outcome, int) else None

    return guarded(main, as_json=lambda: invocation.options.as_json)
