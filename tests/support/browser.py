"""A headless Chromium, driven through its debugging pipe: no driver, no port, no package.

The protocol: JSON messages that end in NUL, commands on the browser's descriptor 3, answers and
events on its descriptor 4 (https://chromedevtools.github.io/devtools-protocol/).
"""

import itertools
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 20
"""Seconds in which the browser must answer, or a page come to show what is waited for."""


def find_chromium() -> str | None:
    """The browser's command, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page of a browser without a network, and all that it asked for and complained of."""

    def __init__(self, profile: Path, width: int = 1500, height: int = 1000):
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._numbers = itertools.count(1)
        self._received = b""
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        command = [
            *(find_chromium(), "--headless=new", "--no-sandbox", "--disable-gpu"),
            *("--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"),
            "--host-resolver-rules=MAP * ~NOTFOUND",
            *(f"--window-size={width},{height}", f"--user-data-dir={profile}"),
            "--remote-debugging-pipe",
        ]
        redirect = f'exec "$@" 3<&{commands} 4>&{answers}'
        self._process = subprocess.Popen(
            ["bash", "-c", redirect, "bash", *command],
            pass_fds=(commands, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._commands)
        os.close(self._answers)

    def call(self, method: str, **parameters: object) -> dict:
        """Send one command and return its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != number:
            self._note(answer)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def open(self, path: Path) -> None:
        self.call("Page.navigate", url=path.as_uri())
        self.wait("document.readyState === 'complete'")

    def evaluate(self, expression: str) -> object:
        """The value of a JavaScript expression in the page."""
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in done, f"{expression}: {done['exceptionDetails']}"
        return done["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until a JavaScript expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.evaluate(condition):
            assert time.monotonic() < end, f"never true within {PATIENCE} s: {condition}"
            time.sleep(0.05)

    def wait_for_text(self, text: str) -> None:
        """Until the page, or a page inside it, holds the text."""
        end = time.monotonic() + PATIENCE
        while text not in json.dumps(self.call("DOM.getDocument", depth=-1, pierce=True)):
            assert time.monotonic() < end, f"never seen within {PATIENCE} s: {text}"
            time.sleep(0.05)

    def _note(self, event: dict) -> None:
        method, content = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(content["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(content["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and content["type"] in ("error", "assert"):
            self.complaints.append(str(content["args"]))
        elif method == "Log.entryAdded" and content["entry"]["level"] == "error":
            self.complaints.append(content["entry"]["text"])

    def _receive(self) -> dict:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._answers], [], [], PATIENCE)
            chunk = os.read(self._answers, 1 << 20) if ready else b""
            assert chunk, "the browser ended or does not answer"
            self._received += chunk
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)
