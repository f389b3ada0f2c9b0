"""The stream that open pages listen to (实时更新)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.frame import Entry, page
from api.live import Hub
from api.news import addressed
from api.visits import Seen, Visit
from flows import access
from forms.errors import Unauthenticated
from forms.scope import Scope

ROUTER = APIRouter()
MENU: list[Entry] = []

CHECK_EVERY = 4
"""After so many signs of life the session is looked at again: who has signed out hears nothing more."""


@ROUTER.get("/live")
async def live(visit: Seen) -> Response:
    """Numbers of changed cases within the reader's walls, as server-sent events; nothing at all without a session."""
    try:
        ear = await run_in_threadpool(_ear, visit)
    except Unauthenticated:
        return Response(status_code=204)  # an EventSource that gets 204 does not try again
    hub = cast("Hub", visit.request.app.state.hub)
    return StreamingResponse(_while_signed_in(visit, hub, *ear), media_type="text/event-stream")


@ROUTER.get("/news")
def news(visit: Seen) -> Response:
    """What is new for the officer, as the menu shows it; nothing without a session."""
    return page(visit, "news.html") if visit.who() is not None else Response(status_code=204)


def _ear(visit: Visit) -> tuple[Scope, frozenset[str]]:
    """Return what the reader may see, and how the reader is addressed."""
    visit.actor = None
    try:
        actor = visit.officer()
    except Unauthenticated:
        return Scope(applications=frozenset({visit.application()[1]})), frozenset()
    with visit.engine.connect() as conn:
        return access.scope(actor), frozenset(addressed(conn, actor))


async def _while_signed_in(visit: Visit, hub: Hub, scope: Scope, names: frozenset[str]) -> AsyncIterator[bytes]:
    beats = 0
    async for part in hub.stream(scope, names):
        yield part
        beats += 1
        if beats % CHECK_EVERY == 0:
            try:
                if await run_in_threadpool(_ear, visit) != (scope, names):
                    return
            except Unauthenticated:
                return
