"""What leaves this machine for support: no secrets, neither by their looks nor by their value, and no addresses."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable
from urllib.parse import quote

from smtpy_desktop.core.redaction import HIDDEN, redact
from smtpy_desktop.schemas.support_bundle import SupportBundle

_SHORTEST_SECRET = 4
_ADDRESS = re.compile(r"""[^\s@<>"'(),:;\[\]\\/=]{1,64}@(?=[\w-]{1,63}(?:\.[\w-]{1,63})+)""")
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def for_support(text: str, secrets: Collection[str]) -> str:
    """Return a text without secrets, those that are known included, and without whose e-mail addresses are in it.

    The domain of an address stays: what goes wrong mostly goes wrong with one.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _ADDRESS.sub(f"{HIDDEN}@", redact(text))


def spellings(secrets: Iterable[str]) -> frozenset[str]:
    """Return the secrets in every spelling in which they may stand somewhere; very short ones would hide everything."""
    found: set[str] = set()
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            found |= {secret, secret.replace("'", "''"), secret.encode("unicode_escape").decode()}
            found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe="")}
    return frozenset(found)


def packed(bundle: SupportBundle) -> bytes:
    """Return the bundle as a ZIP file; the same parts always give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in bundle.parts:
            entry = zipfile.ZipInfo(f"{bundle.name}/{part.name}", _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, part.content.encode("utf-8", "backslashreplace"))
    return stream.getvalue()
