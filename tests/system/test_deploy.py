"""What is handed out in ``deploy``: units that systemd takes, and files that say what they should."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.helpers.command_line import PROGRAM
from tests.system.postfix import DEPLOYED

UNITS = sorted((DEPLOYED.parent / "systemd").glob("smtpy-*"))
COMPOSE = DEPLOYED.parent / "compose" / "compose.yaml"


@pytest.mark.system("systemd-analyze")
def test_systemd_takes_the_units_without_a_word(tmp_path: Path) -> None:
    for unit in UNITS:
        content = unit.read_text(encoding="utf-8").replace("/opt/smtpy/bin/smtpy-desktop", str(PROGRAM))
        (tmp_path / unit.name).write_text(content, encoding="utf-8")
    service, target = (tmp_path / name for name in ("smtpy-forwarder@.service", "smtpy-forwarders.target"))
    instance = tmp_path / "smtpy-forwarder@1.service"
    instance.write_bytes(service.read_bytes())

    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=one", str(instance), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    said = [line for line in done.stderr.splitlines() if "smtpy" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.system("systemd-analyze")
def test_the_service_is_hardened() -> None:
    unit = next(unit for unit in UNITS if unit.name.endswith("@.service"))
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_the_compose_file_says_that_it_was_not_run_and_names_only_what_it_defines() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    made = yaml.safe_load(text)

    used = {secret for service in made["services"].values() for secret in service.get("secrets", [])}
    assert "NOT RUN HERE" in text
    assert used == set(made["secrets"])
    assert {name for service in made["services"].values() for name in service.get("depends_on", [])} <= set(
        made["services"]
    )
