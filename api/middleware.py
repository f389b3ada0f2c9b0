"""The edge (接入层), pure ASGI: size of bodies, headers that protect, a reference per request, defects of ours."""

from __future__ import annotations

import asyncio
import secrets
import time
from html import escape
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import PROBLEM, TooLarge, is_page, problem_body, unexpected
from api.metrics import ELSEWHERE, Metrics
from infra.settings import Settings

UPLOADS = "/api/v1/files"
PAGE_UPLOADS = ("/window/", "/progress/", "/cases/")
"""Pages that take papers: a form without JavaScript sends several at once."""
PAGE_FILES = 6
ROOM = 64 * 1024
"""What a multipart body needs besides the file."""
DRAIN_BYTES = 64 * 1024 * 1024
DRAIN_SECONDS = 0.5
DRAIN_SILENCES = 2  # in one of them it may have been ourselves who stood still

_PROTECTING = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NO_SCRIPT = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_NO_STORE = (b"cache-control", b"no-store")
_NO_REFERRER = (b"referrer-policy", b"no-referrer")
_NO_FRAME = (b"x-frame-options", b"DENY")
_UNLESS_GIVEN = (_NO_SCRIPT, _NO_STORE, _NO_REFERRER, _NO_FRAME)


class Edge:
    """Wraps the application; the outermost thing of ours."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        """Take the limits from the settings; every answer is counted."""
        self._app = app
        self._metrics = metrics
        self._limit = settings.body_limit_bytes
        self._upload_limit = settings.upload_limit_bytes + ROOM

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; nothing escapes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        out = await self._serve(scope, receive, send)
        route = getattr(scope.get("route"), "path", ELSEWHERE)
        self._metrics.answered(scope["method"], route, out.status, time.perf_counter() - begun)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> _Out:
        reference = secrets.token_hex(8)
        out = _Out(send, reference, page=is_page(scope["path"]))
        body = _Body(receive, self._room(scope))
        if _announced(scope) > body.limit:
            await body.drain()
            await out.problem(413, "too_large", TooLarge.__doc__ or "")
            return out
        try:
            await self._app(scope, body.receive, out.send)
        except TooLarge as error:
            await body.drain()
            await out.problem(413, error.code, error.detail)
        except Exception as error:
            said = unexpected(error, reference)
            if out.started:
                raise
            await out.raw(500, said)
        return out

    def _room(self, scope: Scope) -> int:
        """Return how large the body may be, in bytes."""
        path = scope["path"]
        if path == UPLOADS or (path.startswith("/api/v1/progress/") and path.endswith("/files")):
            return self._upload_limit
        if path.startswith(PAGE_UPLOADS) and _is_multipart(scope):
            return self._upload_limit * PAGE_FILES
        return self._limit


def _is_multipart(scope: Scope) -> bool:
    return any(name == b"content-type" and value.startswith(b"multipart/") for name, value in scope["headers"])


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0


class _Body:
    """Counts what comes in and stops at the limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self.limit = limit
        self._seen = 0
        self._over = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._over = not message.get("more_body", False)
            if self._seen > self.limit:
                raise TooLarge
        return message

    async def drain(self) -> None:
        """Let a caller who is still sending finish, so that the answer is read; nothing is kept, and not for ever."""
        left, patience = DRAIN_BYTES, DRAIN_SILENCES
        while not self._over and left > 0:
            try:
                message = await asyncio.wait_for(self._receive(), DRAIN_SECONDS)
            except TimeoutError:
                if patience := patience - 1:
                    continue
                return
            if message["type"] != "http.request":
                return
            left -= len(message.get("body", b""))
            self._over = not message.get("more_body", False)


class _Out:
    """Adds the headers of the house to whatever leaves."""

    def __init__(self, send: Send, reference: str, *, page: bool) -> None:
        self._send = send
        self._page = page
        self._reference = reference.encode()
        self.started = False
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            given = {name for name, _ in message["headers"]}
            more = [(b"x-request-id", self._reference), *_PROTECTING]
            more += [pair for pair in _UNLESS_GIVEN if pair[0] not in given]
            message["headers"] = [*message["headers"], *more]
        await self._send(message)

    async def problem(self, status: int, code: str, detail: str, **members: Any) -> None:
        await self.raw(status, problem_body(status, code, detail, **members))

    async def raw(self, status: int, body: bytes) -> None:
        kind = PROBLEM
        if self._page:
            kind, body = "text/html; charset=utf-8", _plain_page(orjson.loads(body))
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _plain_page(problem: dict[str, Any]) -> bytes:
    """Return an error as the simplest page there is: whatever draws the others may be what is broken."""
    title, detail = escape(str(problem["title"])), escape(str(problem["detail"]))
    return (
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{title}</title><h1>{title}</h1><p>{detail}</p><p><a href='/'>返回首页</a></p>"
    ).encode()
