"""``smtpy-desktop support-bundle``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.new_file import NamedFile, replace_option, require_new
from smtpy_desktop.schemas.support_bundle import SupportBundle

if TYPE_CHECKING:
    from smtpy_desktop.controllers import support_bundle_controller
else:
    support_bundle_controller = lazy_module("smtpy_desktop.controllers.support_bundle_controller")


@click.command("support-bundle")
@click.argument("file", type=NamedFile(dir_okay=False, path_type=Path))
@replace_option
@pass_invocation
def support_bundle(invocation: Invocation, file: Path, replace: bool) -> None:
    """Pack up versions, settings, health, counts and logs in FILE (a ZIP file), without any secret.

    It works without the database, too. Look through it before you pass it on.
    """
    require_new(file, replace=replace)

    async def pack() -> tuple[SupportBundle, int]:
        async with invocation.support(invocation.options) as sources:
            bundle = await support_bundle_controller.gather(sources)
            return bundle, await support_bundle_controller.save(sources.store, bundle, file)

    bundle, size = invocation.run_loop(pack())
    shape = {
        "file": str(file),
        "size_bytes": size,
        "parts": [
            {"name": part.name, "size_bytes": part.size_bytes, "explanation": str(part.explanation)}
            for part in bundle.parts
        ],
    }
    lines = [f"{file} ({size} bytes):", *(f"  {part.name:24} {part.explanation}" for part in bundle.parts)]
    answer(invocation, shape, "\n".join(lines))
