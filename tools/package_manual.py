"""The manual page smtpy-desktop(1), written from the help of the commands, so that it says what they say."""

from __future__ import annotations

import gzip
import inspect
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

NAME = "smtpy-desktop"
_ESCAPES = {"\\": r"\e", "-": r"\-", '"': r"\(dq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
_AFTER = r"""
.SH EXIT STATUS
.TP
.B 0
What was asked for is done.
.TP
.B 1
It was refused or failed; standard error says why and what to do.
.TP
.B 2
The command line was not understood.
.SH ENVIRONMENT
.TP
.B DATABASE_URL
As
.BR \-\-database\-url ;
the password may stand in
.BR SMTPY_DATABASE_PASSWORD .
.TP
.B SMTPY_MASTER_KEY_FILE
A file with the master key; it goes before the keyring.
.TP
.BR STRIPE_API_KEY ", " STRIPE_WEBHOOK_SECRET
Stripe's secrets; they go before the keyring.
.SH FILES
.TP
.I ~/.local/share/smtpy\-desktop
The profile that is used when none is named; as root
.IR /var/lib/smtpy\-desktop .
.TP
.I ~/.config/smtpy\-desktop/profiles.json
The names of profiles.
"""


def write_manual(share: Path, version: str, built_at: datetime) -> Path:
    """Write the page, compressed, below a ``share`` directory and return its path."""
    target = share / "man" / "man1" / f"{NAME}.1.gz"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(manual(version, built_at).encode("utf-8"), 9, mtime=0))
    return target


def manual(version: str, built_at: datetime) -> str:
    """Return the page in the language of man(7): every command with its sentences, arguments and options."""
    from smtpy_desktop.commands.main_command import cli

    context = click.Context(cli, info_name=NAME)
    summary = _sentences(cli)[0][0].rstrip(".")
    lines = [
        f'.TH SMTPY\\-DESKTOP 1 "{built_at.date().isoformat()}" "SMTPy Desktop {_plain(version)}" "User Commands"',
        ".SH NAME",
        f"{_plain(NAME)} \\- {_plain(summary[:1].lower() + summary[1:])}",
        ".SH SYNOPSIS",
        f".B {_plain(NAME)}",
        _plain(" ".join(cli.collect_usage_pieces(context))),
        ".SH DESCRIPTION",
        *_description(cli),
        ".SH OPTIONS",
        *_options(cli, context),
        ".SH COMMANDS",
        *_commands(cli, context),
    ]
    return "\n".join(lines) + _AFTER


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    """Yield a section for each command below another one, and after it those of its own commands."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        below = click.Context(command, parent=context, info_name=name)
        words = below.command_path.removeprefix(f"{NAME} ")
        pieces = " ".join(command.collect_usage_pieces(below))
        yield f'.SS "{_plain(f"{words} {pieces}")}"'
        yield from _description(command)
        yield from _options(command, below)
        if isinstance(command, click.Group):
            yield from _commands(command, below)


def _description(command: click.Command) -> Iterator[str]:
    for number, paragraph in enumerate(_sentences(command)):
        if number:
            yield ".PP"
        yield from (_plain(line) for line in paragraph)


def _sentences(command: click.Command) -> list[list[str]]:
    """Return the lines of each paragraph of a command's help."""
    words = inspect.cleandoc(command.help or "").partition("\f")[0]
    paragraphs = [[line for line in part.splitlines() if line != "\b"] for part in words.split("\n\n")]
    return [paragraph for paragraph in paragraphs if paragraph]


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is None or "--help" in param.opts or (isinstance(param, click.Argument) and not record[1]):
            continue
        yield ".TP"
        yield f'.B "{_plain(record[0])}"'
        yield _plain(record[1]) or r"\&"


def _plain(words: str) -> str:
    """Return text that roff takes letter by letter, as it is to be copied from the page."""
    escaped = "".join(
        _ESCAPES.get(letter) or (letter if letter.isascii() else f"\\[u{ord(letter):04X}]") for letter in words
    )
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped
