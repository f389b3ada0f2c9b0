"""One officer at a keyboard (席位上的人员): calls the API with his own token, tries again where the line is down."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx

from infra.demo.organisation import DemoMembership, DemoOfficer

PATIENCE_SECONDS = 90.0
AGAIN_SECONDS = 0.25
PAGE = 200
AWAY = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Reply:
    """What the API answered."""

    status: int
    data: Any

    @property
    def code(self) -> str | None:
        """The English code of a problem."""
        return self.data.get("code") if isinstance(self.data, dict) and "status" in self.data else None

    @property
    def words(self) -> str:
        """The answer for people."""
        said = self.data.get("detail") if isinstance(self.data, dict) else None
        return f"{self.status} {self.code or ''} {said or ''}".strip()


class Line:
    """The line to the platform that all share; it counts calls and how long acts took."""

    def __init__(self, url: str, at_once: int) -> None:
        """Open nothing yet; `at_once` calls run side by side."""
        self.client = httpx.Client(
            base_url=url,
            timeout=30.0,
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=4 * at_once),
        )
        self.calls = 0
        self.took: dict[str, list[float]] = {"submit": [], "decide": []}
        self.closed = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Use the line as long as the block runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up: nobody tries again."""
        self.closed.set()
        self.client.close()

    def send(self, method: str, path: str, kind: str = "", **content: Any) -> httpx.Response:
        """Send a request until somebody answers; whoever repeats an act carries its Idempotency-Key."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            begun = time.monotonic()
            try:
                response = self.client.request(method, path, **content)
                if response.status_code not in AWAY or begun > deadline:
                    break
            except httpx.TransportError:
                if begun > deadline:
                    raise
            if self.closed.wait(AGAIN_SECONDS):
                raise InterruptedError("the play is over")
        with self._lock:
            self.calls += 1
            if kind:
                self.took[kind].append(time.monotonic() - begun)
        return response


@dataclass(slots=True)
class Caller:
    """An officer on duty with a token; `duty` is what the script calls him ("handler", "second handler", …)."""

    officer: DemoOfficer
    member: DemoMembership
    duty: str
    token: str
    line: Line
    busy: threading.Lock = field(default_factory=threading.Lock)

    def get(self, path: str, **query: Any) -> Reply:
        """Read something."""
        response = self.line.send("GET", path, params=query or None, headers=self._headers())
        return Reply(response.status_code, response.json())

    def post(self, path: str, body: Any, *, key: str | None = None, seen: int | None = None, kind: str = "") -> Reply:
        """Do something, once however often the line breaks; `key` names it where it is to be sent again on purpose.

        `seen` is the version of the row that he has before him: where it has changed since, nothing is done (412).
        """
        headers = {**self._headers(), "Idempotency-Key": key or str(uuid4())}
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        response = self.line.send("POST", path, kind, json=body, headers=headers)
        return Reply(response.status_code, response.json())

    def upload(self, name: str, content: bytes) -> Reply:
        """Upload a paper."""
        response = self.line.send("POST", "/api/v1/files", files={"file": (name, content)}, headers=self._headers())
        return Reply(response.status_code, response.json())

    def every(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield every row of a list, page by page."""
        cursor: str | None = None
        while True:
            reply = self.get(path, limit=PAGE, **query, **({"cursor": cursor} if cursor else {}))
            if reply.status != httpx.codes.OK:
                raise RuntimeError(f"{self.officer.username} {path}: {reply.words}")
            yield from reply.data["items"]
            cursor = reply.data["next"]
            if cursor is None:
                return

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
