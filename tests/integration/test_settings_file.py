"""Settings carried from one installation to another by a file: all or none, and never a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import audit_controller, settings_controller, settings_file_controller
from smtpy_desktop.core.settings_file import write_settings
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.export_files import DiskFiles


@pytest.fixture
def take(database, actor, changes):
    async def take_file(content):
        return await settings_file_controller.import_settings(database, content, actor=actor, publish=changes.append)

    return take_file


async def test_what_was_exported_brings_the_same_values_back(database, actor, take, tmp_path):
    wanted = {"mail.mx": "10 mx1.example.net", "retention.messages_days": "365"}
    await settings_controller.change_settings(database, wanted, actor=actor, publish=lambda change: None)
    saved = tmp_path / "settings.json"
    before = await settings_controller.list_settings(database)
    await settings_file_controller.save_settings(database, saved, files=DiskFiles())
    others = {"mail.mx": "10 other.example.net", "retention.messages_days": "", "dns.recheck_minutes": "5"}
    await settings_controller.change_settings(database, others, actor=actor, publish=lambda change: None)

    plan = await take(saved.read_bytes())

    assert await settings_controller.list_settings(database) == before
    assert {change.key for change in plan.changes} == set(others)


async def test_one_refused_line_changes_nothing_and_is_named(database, take, changes):
    before = await settings_controller.list_settings(database)
    content = write_settings({"mail.hostname": "mx1.example.net", "dns.recheck_minutes": "often"}).encode()

    plan = await take(content)

    assert await settings_controller.list_settings(database) == before
    assert changes == []
    with pytest.raises(UserFacingError, match="Line 6") as refused:
        settings_file_controller.require_accepted(plan)
    assert refused.value.code == "SETTINGS_REFUSED"


async def test_a_plan_changes_nothing(database):
    content = write_settings({"mail.hostname": "mx1.example.net"}).encode()

    plan = await settings_file_controller.plan_import(database, content)

    assert [(change.key, change.before, change.after) for change in plan.changes] == [
        ("mail.hostname", "", "mx1.example.net")
    ]
    assert await settings_controller.get_setting(database, "mail.hostname") == ""


async def test_an_import_is_in_the_log_and_published_once(database, take, changes):
    await take(write_settings({"mail.hostname": "mx1.example.net", "dns.recheck_minutes": "60"}).encode())

    entries = await audit_controller.list_entries(database)
    assert [entry.object_name for entry in entries] == ["mail.hostname"]
    assert changes == [Change(Topic.SETTINGS)]


def test_the_commands_carry_settings_over_and_tell_every_refused_line(
    database_url: str, run_program, tmp_path: Path
) -> None:
    place = ("--profile", str(tmp_path / "profile"), "--database-url", database_url, "--json")
    file = tmp_path / "settings.json"
    run_program(*place, "settings", "set", "mail.hostname", "mx1.example.net")

    assert run_program(*place, "settings", "export", str(file)).data["settings"] > 10
    again = run_program(*place, "settings", "export", str(file))
    replaced = run_program(*place, "settings", "export", str(file), "--replace")
    content = json.loads(file.read_text())
    content["settings"] |= {"mail.hostname": "mx2.example.net"}
    file.write_text(json.dumps(content))
    tried = run_program(*place, "settings", "import", str(file), "--dry-run")
    taken = run_program(*place, "settings", "import", str(file))
    content["settings"] |= {"mail.hostname": "-", "no.such": "1"}
    file.write_text(json.dumps(content, indent=1))
    refused = run_program(*place, "settings", "import", str(file))

    change = {"key": "mail.hostname", "before": "mx1.example.net", "after": "mx2.example.net"}
    assert (again.status, again.failure["code"], replaced.status) == (1, "FILE_EXISTS", 0)
    assert (tried.data["written"], taken.data["written"], refused.data["written"]) == (False, True, False)
    assert tried.data["changed"] == taken.data["changed"]
    assert {key: taken.data["changed"][0][key] for key in change} == change
    assert [one["key"] for one in refused.data["refused"]] == ["mail.hostname", "no.such"]
    assert (refused.status, refused.failure["code"]) == (1, "SETTINGS_REFUSED")
    assert run_program(*place, "settings", "get", "mail.hostname").data["value"] == "mx2.example.net"
