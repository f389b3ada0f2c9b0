"""One Chromium for all stories of a worker; a server and a database for each module of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from infra import clock, database
from tests.kit.browser import Site, browsing, serving
from tests.kit.hall import MORNING


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with browsing() as made:
        yield made


@pytest.fixture(scope="module")
def desk_engine(make_database: Callable[[], str]) -> Iterator[Engine]:
    """A database of the module's own."""
    made = database.engine(make_database())
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def served(desk_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the running server."""
    folder: Path = tmp_path_factory.mktemp("home")
    with serving(desk_engine, folder) as base:
        yield base


@pytest.fixture
def site(served: str, desk_engine: Engine, browser: Browser) -> Iterator[Site]:
    """The site for one story; its browser windows are closed afterwards. The hall's clock stands at this moment."""
    made = Site(served, desk_engine, browser)
    with desk_engine.connect() as conn:
        made.hall.now = clock.now(conn)
    yield made
    made.leave()


@pytest.fixture
def hall_site(site: Site) -> Iterator[Site]:
    """The site where it is the hall's Friday morning once more, whatever earlier stories did to the clock."""
    with site.engine.begin() as conn:
        clock.move(conn, MORNING)
    site.hall.now = MORNING
    yield site


@pytest.fixture
def clerk(hall_site: Site) -> str:
    """The name under which a clerk of the window signs in."""
    return hall_site.hall.window.username
