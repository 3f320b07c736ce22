"""Packing up what helps to find a fault: looked at before it is saved, without secrets, also without a database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from smtpy_desktop.controllers import settings_controller
from smtpy_desktop.controllers.logs_controller import LogReader
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.log_lines import log_shape
from smtpy_desktop.core.support_redaction import for_support, packed, spellings
from smtpy_desktop.database import health_database, support_database
from smtpy_desktop.errors import Cancelled, UserFacingError
from smtpy_desktop.gateways.export_files import ExportFiles
from smtpy_desktop.schemas.about import Component
from smtpy_desktop.schemas.health import PartHealth
from smtpy_desktop.schemas.log_lines import LogQuery
from smtpy_desktop.schemas.migration import SchemaReport
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.support_bundle import BundlePart, SupportBundle
from smtpy_desktop.schemas.text import Text, text

_NEWEST_LINES = 5_000
_HEALTH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SupportSources:
    """Where everything comes from. Without ``sessions`` there is no database, and ``problem`` says why.

    ``machine``: facts about the program and the computer. ``files`` lists the profile's files; ``secrets`` returns
    every secret that is known, so that it is found wherever it stands; both block. ``store`` writes the file.
    """

    machine: Mapping[str, object]
    components: Callable[[], Iterable[Component]]
    config: Mapping[str, object]
    files: Callable[[], Iterable[Mapping[str, object]]]
    secrets: Callable[[], Iterable[str]]
    logs: LogReader
    check_health: Callable[[], AsyncIterator[PartHealth]]
    store: ExportFiles
    sessions: Sessions | None = None
    schema: SchemaReport | None = None
    problem: UserFacingError | None = None


async def gather(sources: SupportSources, progress: Progress | None = None) -> SupportBundle:
    """Collect everything; a part that cannot be read says why instead of being missing."""
    progress = progress if progress is not None else Progress()
    secrets = spellings(await asyncio.to_thread(_secrets, sources))
    at = datetime.now(UTC)
    parts: list[BundlePart] = []
    makers = (_about, _settings, _config, _profile, _database, _health, _logs)
    progress.total = len(makers)
    for make in makers:
        for name, explanation, content in await _readable(make, sources):
            clean = await asyncio.to_thread(for_support, content, secrets)
            parts.append(BundlePart(name, explanation, clean))
        progress.done += 1
    name = f"smtpy-support-{at:%Y%m%d-%H%M%S}"
    return SupportBundle(name, (_read_me(parts, at), *parts))


async def save(files: ExportFiles, bundle: SupportBundle, path: Path) -> int:
    """Write the bundle as a ZIP file, whole or not at all; return its size in bytes. Raises UserFacingError."""
    return await files.save(path, await asyncio.to_thread(packed, bundle))


_Part = tuple[str, Text, str]


async def _readable(make: Callable[[SupportSources], Any], sources: SupportSources) -> list[_Part]:
    try:
        parts: list[_Part] = await make(sources)
    except (Cancelled, asyncio.CancelledError):
        raise
    except Exception as error:  # noqa: BLE001 - what cannot be read is told; the rest is all the more wanted
        name = f"{make.__name__.strip('_')}.json"
        problem = {"could_not_be_read": f"{type(error).__name__}: {error}"}
        return [(name, text("Could not be read; it says why."), _json(problem))]
    return parts


def _secrets(sources: SupportSources) -> frozenset[str]:
    return frozenset(sources.secrets())


async def _about(sources: SupportSources) -> list[_Part]:
    components = await asyncio.to_thread(lambda: tuple(sources.components()))
    shape = {**sources.machine, "components": {one.name: one.version for one in components}}
    return [("about.json", text("Versions of the program and its parts, and what machine it runs on"), _json(shape))]


async def _settings(sources: SupportSources) -> list[_Part]:
    if sources.sessions is None:
        return []
    rows = await settings_controller.list_settings(sources.sessions)
    values = {row.key: {"value": row.value, "default": row.default} for row in rows}
    return [("settings.json", text("The settings in the database, and their defaults"), _json(values))]


async def _config(sources: SupportSources) -> list[_Part]:
    return [("config.json", text("What is set in the profile"), _json(sources.config))]


async def _profile(sources: SupportSources) -> list[_Part]:
    files = await asyncio.to_thread(lambda: list(sources.files()))
    return [("profile.json", text("Names, sizes and rights of the profile's files"), _json(files))]


async def _database(sources: SupportSources) -> list[_Part]:
    explanation = text("Version, schema, and how many rows each table has; nothing of what is in them")
    if sources.sessions is None:
        problem = {"problem": str(sources.problem), "code": getattr(sources.problem, "code", None)}
        return [("database.json", explanation, _json(problem))]
    async with sources.sessions.read() as db:
        shape = {
            "server_version": await health_database.server_version(db),
            "schema": asdict(sources.schema) if sources.schema is not None else None,
            "domains": await support_database.domain_states(db),
            "tables": [asdict(one) for one in await support_database.table_figures(db)],
        }
    return [("database.json", explanation, _json(shape))]


async def _health(sources: SupportSources) -> list[_Part]:
    found: list[dict[str, object]] = []
    try:
        async with asyncio.timeout(_HEALTH_SECONDS):
            async for part in sources.check_health():
                hint = str(part.hint) if part.hint is not None else None
                found.append({"part": part.part, "state": part.state, "message": str(part.message), "hint": hint})
    except TimeoutError:
        found.append({"part": "rest", "state": "unknown", "message": f"not done after {_HEALTH_SECONDS:.0f} s"})
    return [("health.json", text("The self-test: how every part is"), _json(found))]


async def _logs(sources: SupportSources) -> list[_Part]:
    logs = sources.logs
    await asyncio.to_thread(logs.refresh)
    parts = []
    for source in dict.fromkeys(file.source for file in await asyncio.to_thread(logs.files)):
        keys = await asyncio.to_thread(logs.find, LogQuery(source=source))
        lines = await asyncio.to_thread(logs.lines, keys[-_NEWEST_LINES:])
        content = "".join(json.dumps(log_shape(line), ensure_ascii=False) + "\n" for line in lines)
        explanation = text("The newest lines of the log “{source}”", source=source)
        parts.append((f"logs/{source}.jsonl", explanation, content))
    return parts


def _read_me(parts: Collection[BundlePart], at: datetime) -> BundlePart:
    lines = [
        "SMTPy Desktop, support bundle",
        f"Made at {at:%Y-%m-%d %H:%M:%S} UTC.",
        "",
        "Passwords and keys are replaced by ***, and so is what stands before the @ of e-mail addresses.",
        "No message, no alias and no customer is in it. Names of domains and servers are: look through it before you",
        "pass it on.",
        "",
        *(f"{part.name}: {part.explanation}" for part in parts),
    ]
    return BundlePart("README.txt", text("What is in the bundle"), "\n".join(lines) + "\n")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"
