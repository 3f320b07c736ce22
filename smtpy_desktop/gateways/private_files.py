"""Files that are for their owner alone, wherever they are put."""

from __future__ import annotations

import asyncio
from pathlib import Path

from smtpy_desktop.gateways.export_files import DiskFiles

_OWNER_ONLY = 0o600


class PrivateFiles(DiskFiles):
    """Writes like ``DiskFiles``; nobody but the owner may read what was written."""

    async def save(self, path: Path, content: bytes) -> int:
        """Write a file at once; raise UserFacingError, for instance DISK_FULL."""
        size = await super().save(path, content)
        await asyncio.to_thread(path.chmod, _OWNER_ONLY)
        return size
