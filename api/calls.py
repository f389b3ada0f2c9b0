"""A call (一次调用): who calls, with what body, under which conditions; the one way from a request to a desk."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request, Response
from fastapi.security import HTTPBearer
from sqlalchemy import Connection

from api.arrival import Arrival
from api.errors import BadHeader, WrongType
from api.parameters import known_only
from api.reading import read_json
from api.security import who
from flows import access
from flows.access import Actor
from flows.casework.secrets import vault
from flows.desks import desk
from flows.record import Desk
from flows.refusal import refusal
from forms.errors import Conflict
from infra import clock
from infra.store import idempotency

JSON = "application/json"
_TAG = re.compile(r'"([0-9]{1,18})"')
_TAGS = re.compile(r'\s*(W/)?"[!#-~]*"\s*(,\s*(W/)?"[!#-~]*"\s*)*')
_KEY = re.compile(r"[!-~]{1,200}")
_NEVER = -1
"""A version that no row has: a well-formed If-Match that matches nothing of ours."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb gave, ready to be sent and to be sent again."""

    data: Mapping[str, Any]
    status: int = 200
    version: int | None = None
    location: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the headers that go with it."""
        headers = {}
        if self.version is not None:
            headers["ETag"] = f'"{self.version}"'
        if self.location is not None:
            headers["Location"] = self.location
        return headers


def sent(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return data as a JSON response."""
    return Response(orjson.dumps(data), status, headers, media_type=JSON)


@dataclass(slots=True)
class Call(Arrival):
    """One request as handlers see it; the body is read, nothing of it is believed yet."""

    raw: bytes = b""
    actor: Actor | None = field(default=None)

    def desk(self) -> AbstractContextManager[Desk]:
        """Sit the caller down: one transaction that knows the token, does the work and commits before the answer."""
        return desk(self._caller, terminal=self.terminal, engine=self.engine)

    def _caller(self, conn: Connection) -> Actor:
        self.actor = who(conn, self.request.headers.get("authorization"))
        return self.actor

    def known(self) -> None:
        """Raise Unauthenticated unless the token is valid, before anything else is looked at."""
        with self.engine.connect() as conn:
            self._caller(conn)

    def body(self) -> Any:
        """Return the JSON value of the body; Malformed, WrongType."""
        kind = self.request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
        if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
            raise WrongType
        return read_json(self.raw)

    def if_match(self) -> int | None:
        """Return the version that the caller knows (If-Match), None where none is named; BadHeader if it is no tag."""
        header = self.request.headers.get("if-match")
        if header is None or header.strip() == "*":
            return None
        if _TAGS.fullmatch(header) is None:
            raise BadHeader('If-Match 应为办件详情给出的 ETag，例如 "3"。', code="bad_if_match")
        tag = _TAG.fullmatch(header.strip())
        return int(tag[1]) if tag else _NEVER

    def once(self, seat: Desk, work: Callable[[], Answer]) -> Response:
        """Do the work once per Idempotency-Key, in the desk's own transaction.

        The same key and body get the first answer again; another body is a Conflict. What fails leaves the key free.
        """
        key = self.request.headers.get("idempotency-key")
        if key is None or seat.actor.key is None:
            done = work()
            return sent(done.data, done.status, done.headers())
        if _KEY.fullmatch(key) is None:
            raise BadHeader("Idempotency-Key 应为 1 至 200 个可见字符。", code="bad_idempotency_key")
        digest = self._digest()
        first = idempotency.claim(seat.conn, seat.actor.key, key, digest, clock.machine())
        bound = f"idempotency/{seat.actor.key}/{key}".encode()
        if first is not None:
            if first.body_hash != digest:
                raise Conflict("这个 Idempotency-Key 已用于另一个请求。", code="idempotency_conflict")
            body = vault().open(base64.b64decode(first.answer["sealed"]), bound)
            headers = {**first.answer["headers"], "Idempotency-Replayed": "true"}
            return Response(body, first.status, headers, media_type=JSON)
        done = work()
        body, headers = orjson.dumps(done.data), done.headers()
        sealed = base64.b64encode(vault().seal(body, bound)).decode()
        idempotency.keep(seat.conn, seat.actor.key, key, done.status, {"sealed": sealed, "headers": headers})
        return Response(body, done.status, headers, media_type=JSON)

    def _digest(self) -> bytes:
        request = self.request
        return hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + self.raw).digest()


def allowed(seat: Desk, act: str) -> None:
    """Raise NotAllowed where the officer holds no role for `act` anywhere."""
    if not any(seat.actor.has(role) for role, _ in access.ACTS.get(act, ())):
        raise refusal(act)


class _Door(HTTPBearer):
    """The bearer scheme as OpenAPI shows it; the token itself is looked up in the desk's transaction."""

    def __init__(self) -> None:
        super().__init__(auto_error=False, scheme_name="bearer", description="lianban token <人员账号>")

    async def __call__(self, request: Request) -> Call:  # type: ignore[override]
        known_only(request)
        return Call(request, b"" if request.method == "GET" else await request.body())


async def _public(request: Request) -> Call:
    known_only(request)
    return Call(request)


async def _told(request: Request) -> Call:
    known_only(request)
    return Call(request, await request.body())


Asked = Annotated[Call, Depends(_Door())]
"""A call that needs a token."""

Public = Annotated[Call, Depends(_public)]
"""A call that anybody may make."""

Told = Annotated[Call, Depends(_told)]
"""A call with a body that anybody may make."""
