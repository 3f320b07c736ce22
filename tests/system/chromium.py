"""A real headless Chromium, driven over WebDriver (www.w3.org/TR/webdriver2) by nothing but the standard library."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from types import TracebackType
from typing import Any, Self

PROGRAMS = ("chromium", "chromedriver")
"""What a test that uses this needs: ``pytest.mark.system(*PROGRAMS)``."""

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",  # tests run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_LONGEST_ANSWER = 60.0
_PATIENCE_MILLISECONDS = 10_000
_STARTS = 5


class BrowserError(AssertionError):
    """The browser did not do what it was asked for."""


class Chromium:
    """One browser window with a profile of its own; elements are found by CSS selectors."""

    def __init__(self, language: str = "en") -> None:
        self._language = language
        self._profile = tempfile.TemporaryDirectory(prefix="smtpy-chromium-", ignore_cleanup_errors=True)
        self._driver: subprocess.Popen[str] | None = None
        self._base = ""

    def __enter__(self) -> Self:
        port = self._start_driver()
        arguments = [*_ARGUMENTS, f"--user-data-dir={self._profile.name}", f"--lang={self._language}"]
        options = {"args": arguments, "prefs": {"intl.accept_languages": self._language}}
        wanted = {"goog:chromeOptions": options, "timeouts": {"implicit": _PATIENCE_MILLISECONDS}}
        base = f"http://127.0.0.1:{port}/session"
        made = self._ask("POST", base, {"capabilities": {"alwaysMatch": wanted}})
        self._base = f"{base}/{made['sessionId']}"
        return self

    def _start_driver(self) -> str:
        """Start chromedriver and return its port; it ends when somebody has just taken the one that it has chosen."""
        for _ in range(_STARTS):
            driver = subprocess.Popen(
                ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            assert driver.stdout is not None
            for line in driver.stdout:
                found = re.search(r"started successfully on port (\d+)", line)
                if found is not None:
                    self._driver = driver
                    return found[1]
            driver.communicate()
        raise RuntimeError("chromedriver ends at once")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._base:
            self._ask("DELETE", self._base)
        if self._driver is not None:
            self._driver.terminate()
            self._driver.wait(10)
            assert self._driver.stdout is not None
            self._driver.stdout.close()
        self._profile.cleanup()

    @property
    def address(self) -> str:
        """Where the browser is."""
        return str(self._ask("GET", f"{self._base}/url"))

    @property
    def title(self) -> str:
        """What the tab is called."""
        return str(self._ask("GET", f"{self._base}/title"))

    def open(self, address: str) -> None:
        """Go somewhere and wait until the page is there."""
        self._ask("POST", f"{self._base}/url", {"url": address})

    def click(self, selector: str) -> None:
        """Click as a person does: what cannot be seen or is covered cannot be clicked."""
        self._ask("POST", f"{self._base}/element/{self._find(selector)}/click", {})

    def press(self, selector: str, keys: str) -> None:
        """Press keys in an element."""
        self._ask("POST", f"{self._base}/element/{self._find(selector)}/value", {"text": keys})

    def text(self, selector: str = "body") -> str:
        """Return the text that can be seen."""
        return str(self._ask("GET", f"{self._base}/element/{self._find(selector)}/text"))

    def wait_for_text(self, words: str, selector: str = "body") -> str:
        """Wait until an element holds these words, and return its whole text; pages may change meanwhile."""
        deadline = time.monotonic() + _PATIENCE_MILLISECONDS / 1000
        while True:
            try:
                shown = self.text(selector)
            except BrowserError:
                shown = ""
            if words in shown or time.monotonic() > deadline:
                assert words in shown
                return shown
            time.sleep(0.05)

    def accessible_name(self, selector: str) -> str:
        """Return what a screen reader calls an element."""
        return str(self._ask("GET", f"{self._base}/element/{self._find(selector)}/computedlabel"))

    def _find(self, selector: str) -> str:
        found = self._ask("POST", f"{self._base}/element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def _ask(self, method: str, address: str, content: object = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_LONGEST_ANSWER) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise BrowserError(json.load(error)["value"]["message"]) from None
