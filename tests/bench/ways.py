"""The four ways to the same end (四种方式), as a driver's thread goes them: file an intake, approve a task."""

from __future__ import annotations

import json
import socket
from typing import Any, NamedTuple, Protocol

import psycopg

from tests.bench import plain, with_bench_matter


class Todo(NamedTuple):
    """A task that waits: which of the four departments has it, and how the way names it."""

    department: int
    key: Any


class Way(Protocol):
    """One thread's means; nothing is shared between threads but what the way itself shares."""

    def submit(self, body: dict[str, Any]) -> list[Todo]:
        """File an intake; answers its four tasks, which are in their inboxes by then."""

    def decide(self, todo: Todo) -> None:
        """Approve a task; with the last the case is closed."""


class Sql:
    """Hand-written SQL in plain psycopg transactions."""

    def __init__(self, told: dict[str, Any]) -> None:
        """Connect."""
        self._conn = psycopg.connect(told["plain_dsn"])

    def submit(self, body: dict[str, Any]) -> list[Todo]:
        """Insert."""
        return [Todo(place, key) for place, key in enumerate(plain.submit(self._conn, body)[1])]

    def decide(self, todo: Todo) -> None:
        """Update."""
        plain.decide(self._conn, todo.key, todo.department)


class Http:
    """A kept-alive HTTP/1.1 connection, as thin as can be, so that the client hides nothing of the server's cost."""

    def __init__(self, address: tuple[str, int]) -> None:
        """Connect."""
        self._socket = socket.create_connection(address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, body: dict[str, Any], token: str | None = None) -> Any:
        """Send a body; answers the one that comes back, RuntimeError where the status is no success."""
        data = json.dumps(body, ensure_ascii=False).encode()
        sign = f"Authorization: Bearer {token}\r\n" if token else ""
        head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{sign}"
        self._socket.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        got = b""
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._receive()
        headers = got[:end].lower()
        start = headers.index(b"content-length:") + 15
        length = int(headers[start:].split(b"\r\n", 1)[0])
        while len(got) < end + 4 + length:
            got += self._receive()
        if headers[9:10] != b"2":
            raise RuntimeError(f"{path}: {got.decode()[:2000]}")
        return json.loads(got[end + 4 :])

    def _receive(self) -> bytes:
        if not (part := self._socket.recv(65536)):
            raise ConnectionError("the server hung up")
        return part


class Bare:
    """The same SQL behind a bare HTTP handler."""

    def __init__(self, told: dict[str, Any]) -> None:
        """Connect."""
        self._http = Http(tuple(told["bare_address"]))

    def submit(self, body: dict[str, Any]) -> list[Todo]:
        """Post."""
        return [Todo(place, key) for place, key in enumerate(self._http.post("/cases", body)["tasks"])]

    def decide(self, todo: Todo) -> None:
        """Post."""
        self._http.post(f"/tasks/{todo.key}/decide", {"officer": todo.department})


class Casework:
    """The verbs themselves, with the full record and within the walls."""

    def __init__(self, told: dict[str, Any]) -> None:
        """Have everybody sit down."""
        with_bench_matter()
        from flows.access import officer
        from flows.casework.acts import act_on_task
        from flows.casework.intake import receive
        from flows.desks import desk
        from forms.messages import Approve
        from infra.database import engine
        from infra.numbers import task_number
        from infra.store.people import officer_by_username

        self._receive, self._act, self._desk = receive, act_on_task, desk
        self._approve, self._number = Approve(act="approve"), task_number
        with engine().connect() as conn:
            found = [officer_by_username(conn, name) for name in [told["window"], *told["officers"]]]
        self._clerk, *self._officers = [officer(o.id, o.name, o.members, username=o.username) for o in found if o]

    def submit(self, body: dict[str, Any]) -> list[Todo]:
        """Receive and accept on the spot."""
        with self._desk(self._clerk, terminal="bench") as seat:
            received = self._receive(seat, body)
        no = received.cases[0]["no"]
        if received.status != "in_progress":
            raise RuntimeError(f"{no} was not accepted: {received}")
        return [Todo(place, self._number(no, place + 1)) for place in range(len(self._officers))]

    def decide(self, todo: Todo) -> None:
        """Approve."""
        with self._desk(self._officers[todo.department], terminal="bench") as seat:
            self._act(seat, todo.key, self._approve)


class Api:
    """The JSON interface, each officer with a token."""

    def __init__(self, told: dict[str, Any]) -> None:
        """Connect."""
        from infra.numbers import task_number

        self._number = task_number
        self._http = Http(tuple(told["api_address"]))
        self._clerk, *self._officers = told["tokens"]

    def submit(self, body: dict[str, Any]) -> list[Todo]:
        """Post the application."""
        answer = self._http.post("/api/v1/applications", body, self._clerk)
        case = answer["cases"][0]
        if case["status"] != "in_progress":
            raise RuntimeError(f"not accepted: {answer}")
        return [Todo(place, self._number(case["no"], place + 1)) for place in range(len(self._officers))]

    def decide(self, todo: Todo) -> None:
        """Post the act."""
        path = f"/api/v1/tasks/{todo.key}/acts"
        self._http.post(path, {"act": "approve"}, self._officers[todo.department])


WAYS: dict[str, type[Casework] | type[Sql] | type[Bare] | type[Api]] = {
    "sql": Sql,
    "casework": Casework,
    "bare": Bare,
    "http": Api,
}
