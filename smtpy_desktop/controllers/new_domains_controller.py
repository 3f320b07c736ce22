"""Adding domains as people do it: a name read while it is typed, the first organization made on the way, a list."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.domains_controller import MasterKeys, add_domain
from smtpy_desktop.controllers.organizations_controller import owner_for_new_domain
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.domain_name import ParsedDomain, parse_domain_name
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.domains import DomainDetails
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.progress import Progress


@dataclass(frozen=True, slots=True)
class AddedLine:
    """What became of one name of a list: a domain, or the reason why not."""

    typed: str
    domain: DomainDetails | None = None
    error: UserFacingError | None = None


async def read_name(typed: str) -> ParsedDomain:
    """Return the domain that was typed; raise FieldError otherwise (the first call reads the public suffix list)."""
    return await asyncio.to_thread(parse_domain_name, typed)


async def add_new_domain(
    sessions: Sessions,
    organization_id: OrganizationId | None,
    typed: str,
    *,
    keys: MasterKeys,
    actor: Actor,
    publish: Publish,
) -> DomainDetails:
    """Add a domain to an organization, or to the only one there is (made if there is none yet).

    Raises FieldError for ``name`` or ``organization``, before anything is made.
    """
    await read_name(typed)
    owner = organization_id or await owner_for_new_domain(sessions, None, actor=actor, publish=publish)
    return await add_domain(sessions, owner, typed, keys=keys, actor=actor, publish=publish)


async def add_several(
    sessions: Sessions,
    organization_id: OrganizationId | None,
    lines: Sequence[str],
    *,
    keys: MasterKeys,
    actor: Actor,
    publish: Publish,
    progress: Progress,
) -> tuple[AddedLine, ...]:
    """Add one domain after the other and return what became of each; raise DatabaseUnavailable when nothing could be.

    Lines after a lost database keep its error, so that they can be tried again.
    """
    progress.total = len(lines)
    results: list[AddedLine] = []
    lost: DatabaseUnavailable | None = None
    for line in lines:
        try:
            if lost is not None:
                raise lost
            added = await add_new_domain(sessions, organization_id, line, keys=keys, actor=actor, publish=publish)
            results.append(AddedLine(line, added))
        except UserFacingError as error:
            lost = error if isinstance(error, DatabaseUnavailable) else lost
            results.append(AddedLine(line, error=error))
        progress.done += 1
    if lost is not None and not any(result.domain for result in results):
        raise lost
    return tuple(results)
