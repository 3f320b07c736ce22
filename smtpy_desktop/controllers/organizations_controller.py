"""Organizations: listing, creating, changing."""

from __future__ import annotations

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.email_address import parse_email_address
from smtpy_desktop.core.object_name import parse_object_name
from smtpy_desktop.database import audit_database, organizations_database
from smtpy_desktop.errors import FieldError, NotFoundError
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.schemas.text import Text, text

_FIRST_NAME = "My organization"
_FIRST_EMAIL = "postmaster@localhost.localdomain"


async def list_organizations(sessions: Sessions) -> tuple[OrganizationRow, ...]:
    """Return all organizations by name."""
    async with sessions.read() as db:
        return await organizations_database.list_organizations(db)


async def find_organization(sessions: Sessions, name: str) -> OrganizationRow:
    """Return the organization of that name; raise NotFoundError when there is none."""
    async with sessions.read() as db:
        found = await organizations_database.find_organization(db, name.strip())
    if found is None:
        raise NotFoundError(
            "ORGANIZATION_NOT_FOUND",
            text("There is no organization {name}.", name=name),
            hint=text("List them with: smtpy-desktop organizations list"),
        )
    return found


async def create_organization(
    sessions: Sessions, name: str, email: str, *, actor: Actor, publish: Publish
) -> OrganizationRow:
    """Create an organization; raise FieldError with what to correct."""
    name, email = _checked_name(name), parse_email_address(email, field="email")
    async with sessions.begin() as db:
        created = await organizations_database.insert_organization(db, name=name, email=email)
        if created is None:
            raise _name_taken(name)
        entry = AuditEntry("organization.created", "organization", created, name, created, {"email": [None, email]})
        await audit_database.record(db, actor, entry)
        row = await organizations_database.get_organization(db, created)
    publish(Change(Topic.ORGANIZATIONS, frozenset({created})))
    return _existing(row, created)


async def update_organization(
    sessions: Sessions, organization_id: OrganizationId, name: str, email: str, *, actor: Actor, publish: Publish
) -> OrganizationRow:
    """Rename an organization or change its address."""
    name, email = _checked_name(name), parse_email_address(email, field="email")
    async with sessions.begin() as db:
        before = _existing(await organizations_database.get_organization(db, organization_id), organization_id)
        namesake = await organizations_database.find_organization(db, name)
        if namesake is not None and namesake.id != organization_id:
            raise _name_taken(name)
        values = {"name": [before.name, name], "email": [before.email, email]}
        changes = {key: [old, new] for key, (old, new) in values.items() if old != new}
        if not changes:
            return before
        await organizations_database.update_organization(db, organization_id, name=name, email=email)
        entry = AuditEntry("organization.changed", "organization", organization_id, name, organization_id, changes)
        await audit_database.record(db, actor, entry)
        row = await organizations_database.get_organization(db, organization_id)
    publish(Change(Topic.ORGANIZATIONS, frozenset({organization_id})))
    return _existing(row, organization_id)


async def owner_for_new_domain(
    sessions: Sessions, name: str | None, *, actor: Actor, publish: Publish
) -> OrganizationId:
    """Return whose a new domain is: the named organization, or the only one there is.

    The very first domain needs no ceremony: where there is no organization at all, one is created.
    """
    if name is not None:
        return (await find_organization(sessions, name)).id
    existing = await list_organizations(sessions)
    if len(existing) == 1:
        return existing[0].id
    if existing:
        raise _which_organization(text("There are several organizations; say whose domain it is."), existing)
    created = await create_organization(sessions, _FIRST_NAME, _FIRST_EMAIL, actor=actor, publish=publish)
    return created.id


async def only_organization(sessions: Sessions, name: str | None) -> OrganizationRow:
    """Return the named organization, or the only one there is.

    Raises NotFoundError when there is none, FieldError when there are several and none is named.
    """
    if name is not None:
        return await find_organization(sessions, name)
    existing = await list_organizations(sessions)
    if not existing:
        raise NotFoundError(
            "ORGANIZATION_NOT_FOUND",
            text("There is no organization yet."),
            hint=text("Add one with: smtpy-desktop organizations add NAME EMAIL"),
        )
    if len(existing) > 1:
        raise _which_organization(text("There are several organizations; say which one."), existing)
    return existing[0]


def _which_organization(message: Text, existing: tuple[OrganizationRow, ...]) -> FieldError:
    return FieldError(
        "organization",
        "ORGANIZATION_NEEDED",
        message,
        hint=text("Add --organization NAME. There are: {names}.", names=", ".join(row.name for row in existing)),
    )


def _checked_name(name: str) -> str:
    return parse_object_name(name, code="ORGANIZATION_NAME", ask=text("Give the organization a name."))


def _name_taken(name: str) -> FieldError:
    return FieldError(
        "name",
        "ORGANIZATION_EXISTS",
        text("There is already an organization {name}.", name=name),
        hint=text("Choose another name."),
    )


def _existing(row: OrganizationRow | None, organization_id: OrganizationId) -> OrganizationRow:
    if row is None:
        raise NotFoundError(
            "ORGANIZATION_NOT_FOUND",
            text("The organization with the number {id} does not exist any more.", id=organization_id),
        )
    return row
