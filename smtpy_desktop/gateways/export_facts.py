"""What an exported file tells about itself, in lines for people and as an object for programs."""

from __future__ import annotations

import json

from smtpy_desktop.schemas.message_export import ExportDescription


def facts_about(description: ExportDescription) -> tuple[tuple[str, str], ...]:
    """Return names and values, each on one line: search, whose messages, zone, count and time."""
    query = " ".join(description.query.split()) or "(all messages)"
    organization = " ".join((description.organization or "").split())
    return (
        ("Query", query),
        *((("Organization", organization),) if organization else ()),
        *((("Only the first", str(description.limit)),) if description.limit is not None else ()),
        ("Time zone", description.zone),
        ("Messages", str(description.count)),
        ("Made at", description.made_at.isoformat(timespec="seconds")),
    )


def object_about(description: ExportDescription) -> str:
    """Return the same as a JSON object ``{"export": …}`` on one line."""
    about = {
        "query": description.query,
        "organization": description.organization,
        "limit": description.limit,
        "time_zone": description.zone,
        "messages": description.count,
        "made_at": description.made_at.isoformat(timespec="seconds"),
    }
    return json.dumps({"export": about}, ensure_ascii=False)
