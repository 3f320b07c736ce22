"""What holds for every test: no screen, no network, no noise, and nothing of the person who runs them."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path

# Before anything imports Qt or asks where the user's files are.
_HOME = Path(tempfile.mkdtemp(prefix="smtpy-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
for _name in ("CONFIG", "DATA", "STATE", "CACHE"):
    os.environ[f"XDG_{_name}_HOME"] = str(_HOME / _name.lower())
for _name in (
    "DATABASE_URL",
    "SMTPY_DATABASE_PASSWORD",
    "SMTPY_MASTER_KEY_FILE",
    "SMTPY_SMARTHOST_PASSWORD",
    "SMTPY_SMARTHOST_PASSWORD_FILE",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_API_BASE",
):
    os.environ.pop(_name, None)

import hypothesis  # noqa: E402
import pytest  # noqa: E402

from smtpy_desktop.runtime.responsiveness import begin_starting, search_garbage  # noqa: E402
from tests.helpers.log_guard import LogGuardPlugin  # noqa: E402
from tests.helpers.message_recorder import MessageRecorder  # noqa: E402
from tests.helpers.network_guard import install_network_guard  # noqa: E402
from tests.helpers.patient_bot import PatientBot, release_keys  # noqa: E402
from tools.system_packages import TEST_PROGRAMS  # noqa: E402

install_network_guard()

# "ci" is what `make test` runs: the same examples every time. "search" looks for new ones:
# make test ARGS="--hypothesis-profile=search -k property"
_PATIENT = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow], "print_blob": True}
hypothesis.settings.register_profile("ci", derandomize=True, database=None, **_PATIENT)
hypothesis.settings.register_profile("search", max_examples=2000, **_PATIENT)
hypothesis.settings.load_profile("ci")


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So it is in a shell's background, and every program that a test starts would be deaf to it, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# As in the program: what would be collected in another thread may be a widget.
begin_starting()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LogGuardPlugin(), "log_guard")


def pytest_runtest_setup(item: pytest.Item) -> None:
    programs = [program for mark in item.iter_markers("system") for program in mark.args]
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        packages = " ".join(TEST_PROGRAMS.get(program, program) for program in missing)
        pytest.skip(f"needs {', '.join(missing)} (sudo apt-get install {packages})")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make what a test has written fit to be sent from one process to another, halves of characters too."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "replace").decode()) for name, text in report.sections]
    return report


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    search_garbage()


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> PatientBot:
    """Return a bot whose waiting does not end early on a busy machine."""
    release_keys()
    return PatientBot(request)


@pytest.fixture
def messages() -> MessageRecorder:
    """Return a recorder to hand to whatever tells the user something."""
    return MessageRecorder()
