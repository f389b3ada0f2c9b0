"""People at their browsers (浏览器): Debian's Chromium over a running server, signed in as whom the test names."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import Engine

from api.visits import COOKIE
from flows import signing
from infra import clock
from infra.demo.organisation import PASSWORD
from infra.demo.seed import seed
from infra.settings import Settings
from infra.store import people
from tests.kit import PATIENCE
from tests.kit.hall import MORNING, Hall

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The same engine without a window's trappings comes first where it is installed: it needs half the machine."""
CALM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 860}
WAIT_MS = PATIENCE * 1000
expect.set_options(timeout=WAIT_MS)


def chromium() -> str:
    """Return where Chromium is; without one a developer's tests are skipped and the build machine's fail."""
    for name in NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    if os.environ.get("CI") == "true":
        pytest.fail("Chromium is missing: apt-get install chromium-headless-shell fonts-noto-cjk")
    pytest.skip("no Chromium: apt-get install chromium-headless-shell fonts-noto-cjk")


@contextmanager
def browsing() -> Iterator[Browser]:
    """Have a Chromium run as long as the block does."""
    path = chromium()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=list(CALM), timeout=WAIT_MS)
        yield browser
        browser.close()


class Site:
    """A running server with the demo offices, and the people who use it."""

    def __init__(self, base: str, engine: Engine, browser: Browser) -> None:
        self.base, self.engine, self.browser = base, engine, browser
        self.hall = Hall(engine)
        self._contexts: list[BrowserContext] = []

    def visitor(self, *, js: bool = True, phone: bool = False) -> Page:
        """Return a page of a browser that nobody has signed in at."""
        context = self.browser.new_context(
            base_url=self.base, locale="zh-CN", timezone_id="Asia/Shanghai", java_script_enabled=js,
            viewport=PHONE if phone else DESK, device_scale_factor=2 if phone else 1, has_touch=phone,
        )  # fmt: skip
        context.set_default_timeout(WAIT_MS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        page.on("console", _no_refused_content)
        return page

    def person(self, username: str, *, js: bool = True, phone: bool = False) -> Page:
        """Return a page, still empty, at which the officer is signed in; the door has stories of its own."""
        page = self.visitor(js=js, phone=phone)
        page.context.add_cookies([self.session(username)])
        return page

    def session(self, username: str) -> Any:
        """Open a session for the officer, as single sign-on does, and return its cookie."""
        with self.engine.begin() as conn:
            found = people.officer_by_username(conn, username)
            assert found is not None, username
            token = signing.enter(conn, Settings(), found.id, terminal="test").token
        return {"name": COOKIE, "value": token, "url": self.base, "httpOnly": True, "sameSite": "Lax"}

    def leave(self) -> None:
        """Close every browser window, so that no request outlives the test."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()


def enter(page: Page, username: str) -> None:
    """Sign in at the page, through the door."""
    page.goto("/sign-in")
    page.fill("#f-username", username)
    page.fill("#f-password", PASSWORD)
    page.click("main button")
    expect(page).not_to_have_url(re.compile("/sign-in"))


def _no_refused_content(message: Any) -> None:
    """Fail where the page's own policy (CSP) refused something: it was inline or came from elsewhere."""
    if "Content Security Policy" in message.text:
        pytest.fail(message.text)


_VIOLATIONS = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"
"""What axe-core passed or could not decide stays in the browser: bringing it here takes longer than most rules."""


def accessible(page: Page) -> None:
    """Assert that axe-core finds nothing on the page (WCAG 2 A, AA and best practices)."""
    page.wait_for_load_state()
    page.evaluate(Axe().axe_script)
    found = page.evaluate(_VIOLATIONS)
    said = [f"{one['id']}: {node['html'][:160]} {node['failureSummary']}" for one in found for node in one["nodes"]]
    assert not said, f"{page.url}\n" + "\n".join(said)


@contextmanager
def serving(engine: Engine, folder: Path, *, moved: bool = True, **settings: Any) -> Iterator[str]:
    """Serve the application over that database, with the demo offices in it, on a free port of loopback.

    There it is the hall's own Friday morning, whatever day it is for us; where the clock is not `moved`, it is now.
    """
    from api.app import create_app

    with engine.begin() as conn:
        seed(conn, _demo_hash())
        if moved:
            clock.move(conn, MORNING)
    url = engine.url.render_as_string(hide_password=False)
    app = create_app(Settings(database_url=url, home=folder, test=True, **settings))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
        )
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        running.should_exit = True
        thread.join(PATIENCE)


_hashes: list[str] = []


def _demo_hash() -> str:
    if not _hashes:
        _hashes.append(signing.hasher().hash(PASSWORD))
    return _hashes[0]
