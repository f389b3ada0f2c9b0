"""A running server on loopback for the tests of the interface, with the demo offices, and callers who hold tokens."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine, text

from infra import clock, database
from infra.demo.seed import seed
from infra.settings import Settings
from infra.store import people, tokens
from infra.vault import hash_token, new_token
from tests.kit import PATIENCE
from tests.kit.hall import MORNING, Hall


class Caller:
    """An officer at the interface."""

    def __init__(self, base: str, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=PATIENCE)

    def get(self, path: str, **more: object) -> httpx.Response:
        return self.http.get(path, **more)  # type: ignore[arg-type]

    def post(self, path: str, json: object = None, **more: object) -> httpx.Response:
        return self.http.post(path, json=json, **more)  # type: ignore[arg-type]

    def act(self, path: str, act: str, **fields: object) -> httpx.Response:
        return self.http.post(f"/api/v1/{path}/acts", json={"act": act, **fields})


@pytest.fixture(scope="module")
def api_engine(make_database: Callable[[], str]) -> Iterator[Engine]:
    """A database with the demo offices, where it is the hall's own Friday morning."""
    made = database.engine(make_database())
    with made.begin() as conn:
        seed(conn)
        clock.move(conn, MORNING)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def server(api_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server (uvicorn on loopback)."""
    from api.app import create_app

    folder: Path = tmp_path_factory.mktemp("home")
    url = api_engine.url.render_as_string(hide_password=False)
    app = create_app(Settings(database_url=url, home=folder, test=True))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        running = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        running.should_exit = True
        thread.join(PATIENCE)


@pytest.fixture(scope="module")
def sign_in(server: str, api_engine: Engine) -> Iterator[Callable[[str], Caller]]:
    """Make a caller of an officer's name; the same name gives the same caller."""
    callers: dict[str, Caller] = {}

    def caller(username: str) -> Caller:
        if username not in callers:
            drawn, now = new_token(), clock.machine()
            with api_engine.begin() as conn:
                found = people.officer_by_username(conn, username)
                assert found is not None, username
                tokens.add(conn, found.id, hash_token(drawn), now, now + timedelta(hours=1))
            callers[username] = Caller(server, drawn)
        return callers[username]

    yield caller
    for one in callers.values():
        one.http.close()


@pytest.fixture(scope="module")
def nobody(server: str) -> Iterator[Caller]:
    """A caller without a token."""
    one = Caller(server, None)
    yield one
    one.http.close()


@pytest.fixture(scope="module")
def hall(api_engine: Engine) -> Hall:
    """The hall behind the same database, to set the scene without HTTP."""
    made = Hall(api_engine)
    with api_engine.connect() as conn:
        made.now = clock.now(conn)
    return made


@pytest.fixture
def untouched(api_engine: Engine) -> Iterator[None]:
    """Nothing is written by the test that asks for this."""

    def counted():
        with api_engine.connect() as conn:
            return [
                conn.execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in ("applications", "events", "files")
            ]

    before = counted()
    yield
    assert counted() == before
