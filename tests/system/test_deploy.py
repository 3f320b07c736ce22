"""What is handed out in ``deploy``: units that systemd takes, and files that say what they should."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tests.helpers.command_line import PROGRAM
from tests.system.postfix import DEPLOYED
from tools.package_manual import manual

UNITS = sorted((DEPLOYED.parent / "systemd").glob("smtpy-*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
DROP_IN = DEPLOYED.parent / "systemd" / "smarthost.conf"
COMPOSE = DEPLOYED.parent / "compose" / "compose.yaml"


@pytest.mark.system("systemd-analyze")
def test_systemd_takes_the_units_without_a_word(tmp_path: Path) -> None:
    for unit in UNITS:
        content = unit.read_text(encoding="utf-8").replace("/opt/smtpy/bin/smtpy-desktop", str(PROGRAM))
        (tmp_path / unit.name).write_text(content, encoding="utf-8")
    template = tmp_path / "smtpy-forwarder@.service"
    instance = tmp_path / "smtpy-forwarder@1.service"
    instance.write_bytes(template.read_bytes())
    units = [str(path) for path in sorted(tmp_path.iterdir()) if path != template]
    (tmp_path / "smtpy-forwarder@1.service.d").mkdir()
    (tmp_path / "smtpy-forwarder@1.service.d" / "smarthost.conf").write_bytes(DROP_IN.read_bytes())

    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=one", *units]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    said = [line for line in done.stderr.splitlines() if "smtpy" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.system("groff")
def test_the_manual_page_is_set_without_a_word() -> None:
    page = manual("1.2.3", datetime(2026, 11, 22, tzinfo=UTC))

    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8"], input=page, capture_output=True, text=True, encoding="utf-8", check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "SMTPY-DESKTOP(1)" in done.stdout


@pytest.mark.system("systemd-analyze")
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_the_services_are_hardened(unit: Path) -> None:
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
