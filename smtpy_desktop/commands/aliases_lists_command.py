"""``smtpy-desktop aliases import`` and ``aliases export``."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from smtpy_desktop.commands.alias_shapes import plan_lines, plan_shape
from smtpy_desktop.commands.frame import Invocation, answer, note, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.new_file import NamedFile, replace_option, require_new
from smtpy_desktop.core.alias_list_file import decode_list
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.aliases import AliasQuery, ImportPlan, LineAction
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import alias_lists_controller, domains_controller
    from smtpy_desktop.controllers.services import Services
else:
    alias_lists_controller = lazy_module("smtpy_desktop.controllers.alias_lists_controller")
    domains_controller = lazy_module("smtpy_desktop.controllers.domains_controller")

_STANDARD = "-"


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--domain", metavar="NAME", help="The domain of names without “@”.")
@click.option("--dry-run", is_flag=True, help="Tell what would be added, changed and refused, and change nothing.")
@click.option("--skip-refused", is_flag=True, help="Leave lines out that are refused, instead of importing nothing.")
@pass_invocation
def import_aliases(
    invocation: Invocation, file: IO[bytes], domain: str | None, dry_run: bool, skip_refused: bool
) -> None:
    """Add and change aliases from a CSV (address,targets,active,note) or a plain list; - is standard input."""
    content = decode_list(file.read())

    async def work(services: Services) -> ImportPlan:
        if dry_run:
            return await alias_lists_controller.preview_import(services.sessions, content, domain=domain)
        return await alias_lists_controller.import_aliases(
            services.sessions,
            content,
            domain=domain,
            skips_refused=skip_refused,
            actor=services.actor,
            publish=services.publish,
        )

    plan = run(invocation, work)
    refused = plan.count(LineAction.REFUSE)
    written = not dry_run and (skip_refused or not refused)
    answer(invocation, plan_shape(plan, dry_run=dry_run, written=written), plan_lines(plan))
    if refused and not skip_refused:
        raise UserFacingError(
            "ALIAS_LINES_REFUSED",
            text(
                "{refused} of {total} lines are refused; nothing was imported.", refused=refused, total=len(plan.lines)
            ),
            detail=text("Line {number}: {reason}", **_first_refusal(plan)),
            hint=text("Correct them, or leave them out with --skip-refused."),
        )


@click.command("export")
@click.argument("file", type=NamedFile(allow_dash=True))
@click.option("--domain", metavar="NAME", help="Only this domain's aliases.")
@replace_option
@pass_invocation
def export_aliases(invocation: Invocation, file: str, domain: str | None, replace: bool) -> None:
    """Write the aliases to FILE as CSV that `import` reads; - is standard output."""
    if file != _STANDARD:
        require_new(Path(file), replace=replace)

    async def work(services: Services) -> tuple[bytes, int]:
        domain_id = None
        if domain is not None:
            domain_id = (await domains_controller.find_domain(services.sessions, domain)).id
        query = AliasQuery(domain_id=domain_id)
        if file == _STANDARD:
            return await alias_lists_controller.export_aliases(services.sessions, query)
        saved = await alias_lists_controller.save_aliases(services.sessions, query, Path(file), files=services.files)
        return b"", saved

    content, count = run(invocation, work)
    if file == _STANDARD:
        click.echo(content, nl=False)
        note(f"{count} aliases")
        return
    answer(invocation, {"file": file, "aliases": count}, f"Wrote {count} aliases to {file}.")


def _first_refusal(plan: ImportPlan) -> dict[str, object]:
    first = next(line for line in plan.lines if line.fault is not None)
    return {"number": first.line.number, "reason": str(first.fault.message) if first.fault is not None else ""}
