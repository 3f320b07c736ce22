"""Fails a test that makes the program log a warning which the test did not expect."""

from __future__ import annotations

import logging
import re

import pytest


class LogGuard(logging.Handler):
    """Collects what is logged at WARNING and above while one test runs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def unexpected(self, item: pytest.Item) -> list[str]:
        """Return what was logged since the last call and not announced by ``expects_log`` or read by ``caplog``."""
        records, self.records = self.records, []
        if "caplog" in getattr(item, "fixturenames", ()):
            return []
        expected = [re.compile(pattern) for mark in item.iter_markers("expects_log") for pattern in mark.args]
        lines = [f"{record.levelname} {record.name}: {record.getMessage()}" for record in records]
        return [line for line in lines if not any(pattern.search(line) for pattern in expected)]


class LogGuardPlugin:
    """Puts a guard on the root logger around every test."""

    def __init__(self) -> None:
        self.guard = LogGuard()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item):
        root = logging.getLogger()
        root.addHandler(self.guard)
        try:
            return (yield)
        finally:
            root.removeHandler(self.guard)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item):
        result = yield
        self._fail_on_noise(item)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item):
        result = yield
        self._fail_on_noise(item)
        return result

    def _fail_on_noise(self, item: pytest.Item) -> None:
        lines = self.guard.unexpected(item)
        if lines:
            pytest.fail("unexpected log records:\n" + "\n".join(lines), pytrace=False)
