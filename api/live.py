"""Live pages (实时更新): one listener per process hears what changed and tells the open pages that may know of it.

A page is told numbers of cases within its reader's walls, nothing else, and then asks for itself again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from flows import access
from forms.scope import Scope
from infra import clock
from infra.announce import CHANNEL, EVERYTHING
from infra.store import lively
from infra.store.lively import CasePlace

log = logging.getLogger(__name__)

BEAT_SECONDS = 15.0
AGAIN_SECONDS = 2.0
DAY_SECONDS = 1.5
NOTICES = "notices"
"""Said in place of a case's number where something is new that is addressed to the reader."""
MOST_WAITING = 200
"""What a page has not read yet; beyond it the page is told to look at everything."""


@dataclass(eq=False, slots=True)
class Ear:
    """An open page: what its reader may see and is addressed by, and what it has not read yet."""

    scope: Scope
    names: frozenset[str] = frozenset()
    heard: set[str] = field(default_factory=set)
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, number: str) -> None:
        """Have the page told of a case."""
        self.heard = {EVERYTHING} if number == EVERYTHING or len(self.heard) >= MOST_WAITING else {*self.heard, number}
        self.bell.set()


class Hub:
    """The listener of this process and the open pages it tells."""

    def __init__(self, engine: Engine) -> None:
        """Name the database that is listened to."""
        self._engine = engine
        self._ears: set[Ear] = set()

    async def run(self) -> None:
        """Listen as long as the process lives; a connection that broke is made anew, and everybody looks again."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._watch_the_day())

    async def _listen(self) -> None:
        # the asynchronous driver wants the plain address
        address = self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(address, autocommit=True) as conn:
                    await conn.execute(f"LISTEN {CHANNEL}")
                    self._tell_all()
                    async for message in conn.notifies():
                        await self._hear(message.payload.split())
            except (psycopg.Error, OSError, SQLAlchemyError) as error:
                log.info("changes are not to be heard for now: %s", type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self, numbers: Sequence[str]) -> None:
        if not self._ears:
            return
        if EVERYTHING in numbers:
            self._tell_all()
            return
        addressed = {number for number in numbers if ":" in number}
        for ear in self._ears:
            if addressed & ear.names:
                ear.tell(NOTICES)
        cases = [number for number in numbers if number not in addressed]
        for place in await run_in_threadpool(self._places, cases) if cases else ():
            for ear in self._ears:
                if concerns(ear.scope, place):
                    ear.tell(place.no)

    def _places(self, numbers: Sequence[str]) -> list[CasePlace]:
        with self._engine.connect() as conn:
            return lively.places(conn, numbers)

    async def _watch_the_day(self) -> None:
        """Lights turn when the day does (or a demonstration's clock is moved): then every page looks again."""
        known: date | None = None
        while True:
            await asyncio.sleep(DAY_SECONDS)
            if not self._ears:
                continue
            with suppress(SQLAlchemyError):
                day = await run_in_threadpool(self._day)
                if known is not None and day != known:
                    self._tell_all()
                known = day

    def _day(self) -> date:
        with self._engine.connect() as conn:
            return clock.today(conn)

    def _tell_all(self) -> None:
        for ear in self._ears:
            ear.tell(EVERYTHING)

    async def stream(self, scope: Scope, names: frozenset[str] = frozenset()) -> AsyncIterator[bytes]:
        """Give a page what it may hear, as server-sent events, with a sign of life every 15 seconds."""
        ear = Ear(scope, names)
        self._ears.add(ear)
        try:
            yield b"retry: 2000\n\n"
            while True:
                try:
                    await asyncio.wait_for(ear.bell.wait(), BEAT_SECONDS)
                except TimeoutError:
                    yield b": here\n\n"
                    continue
                heard, ear.heard = ear.heard, set()
                ear.bell.clear()
                yield f"event: changed\ndata: {' '.join(sorted(heard))}\n\n".encode()
        finally:
            self._ears.discard(ear)


def concerns(scope: Scope, place: CasePlace) -> bool:
    """Whether a reader may know that this case has changed: whoever may see it, and nobody else."""
    if place.application_no in scope.applications:
        return True
    return access.sees(scope, place, place.tasks, created_by=place.created_by)
