"""Looking after profiles in tests: what would be deleted besides files is written down instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from smtpy_desktop.gateways.profile_files import DiskProfileFiles


@dataclass
class WrittenDownTools:
    """``removed`` are the clusters, ``kept_keys`` says for each deletion of secrets whether the master key stays."""

    files: DiskProfileFiles
    default: Path
    on_server: bool = False
    removed: list[Path] = field(default_factory=list)
    kept_keys: list[bool] = field(default_factory=list)

    def place(self, directory: str) -> Path:
        return Path(directory).resolve()

    def uses_server(self, directory: Path) -> bool:
        return self.on_server

    def remove_cluster(self, directory: Path) -> None:
        self.removed.append(directory)

    def delete_secrets(self, directory: Path, *, keeps_key: bool) -> None:
        self.kept_keys.append(keeps_key)
