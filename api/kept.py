"""What is kept a while (暂存的统计): numbers over very many rows, for everybody with the same walls, with their moment.

Numbers over few rows are counted anew for everybody, always as of now. Those over many are counted once for all, and
counted again in the background when somebody looks and something has changed; a page shows of what moment they are.
In the background one count follows the other, so that those who work have the rest of the machine. Nothing is kept
beyond the process: after a crash everything is counted anew.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from infra import clock

log = logging.getLogger(__name__)

MANY = 20_000
"""Rows from which on a count is kept."""
AT_LEISURE = 10
"""A count that took a second is not made again before so many: however many look, it takes a tenth of a processor."""
OLDEST_SECONDS = 600.0
"""What is older is shown to nobody."""
PATIENCE_SECONDS = 300
"""How long one statement of a count in the background may take: nobody waits for it."""
UNKNOWN_SECONDS = 1.0
"""How long a count is taken to last that was not made yet."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """Numbers, and of what moment (the machine's) they are.

    They are `fresh` where nothing has changed since, `kept` where they went over so many rows that they are kept.
    """

    value: T
    at: datetime
    fresh: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class _Shelf(Generic[T]):
    """One count that is kept."""

    value: T
    at: datetime
    stamp: Hashable
    made: float
    took: float


class Queue:
    """Counts in the background, one at a time: what lasted least the last time comes first."""

    def __init__(self) -> None:
        """Have nothing to count."""
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._at_work = False
        self._lock = threading.Lock()

    def add(self, seconds: float, job: Callable[[], None]) -> None:
        """Have a count of about so many seconds made when its turn comes."""
        with self._lock:
            heapq.heappush(self._waiting, (seconds, next(self._numbers), job))
            if self._at_work:
                return
            self._at_work = True
        threading.Thread(target=self._work, name="kept", daemon=True).start()

    def busy(self) -> bool:
        """Whether anything is being counted or waits for its turn."""
        with self._lock:
            return self._at_work

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception:
                log.exception("a count in the background failed")

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            self._at_work = bool(self._waiting)
            return heapq.heappop(self._waiting)[-1] if self._waiting else None


BEHIND: Final = Queue()
"""The one queue of this process."""


class Kept(Generic[T]):
    """Counts that hold for at least `seconds`; `weigh` tells over how many rows one went.

    `stamp` is cheap to ask and changes with what is counted: as long as it is the same, a count is as of now.
    """

    def __init__(
        self, seconds: float, weigh: Callable[[T], int], stamp: Callable[[Connection], Hashable] | None = None
    ) -> None:
        """Keep nothing yet."""
        self._seconds, self._weigh, self._stamp = seconds, weigh, stamp
        self._shelves: dict[Hashable, _Shelf[T]] = {}
        self._underway: set[Hashable] = set()
        self._lock = threading.Lock()

    def get(self, engine: Engine, conn: Connection, key: Hashable, make: Callable[[Connection], T]) -> Told[T]:
        """Return what is kept under `key`, or count it within the transaction of `conn`."""
        whole = (str(engine.url), key)
        shelf = self._shelves.get(whole)
        if shelf is None or time.monotonic() - shelf.made > OLDEST_SECONDS:
            made = self._count(conn, whole, make)
            return Told(made.value, made.at, fresh=True, kept=self._weigh(made.value) >= MANY)
        fresh = self._stamp is not None and self._stamp(conn) == shelf.stamp
        if not fresh and time.monotonic() - shelf.made > max(self._seconds, shelf.took * AT_LEISURE):
            self._behind(engine, whole, make)
        return Told(shelf.value, clock.machine() if fresh else shelf.at, fresh, kept=True)

    def peek(self, engine: Engine, conn: Connection, key: Hashable, make: Callable[[Connection], T]) -> Told[T] | None:
        """Return what is kept under `key`; where nothing is, have it counted in the background and return None."""
        whole = (str(engine.url), key)
        if whole in self._shelves:
            return self.get(engine, conn, key, make)
        self._behind(engine, whole, make)
        return None

    def _count(
        self, conn: Connection, key: Hashable, make: Callable[[Connection], T], *, asked_for: bool = False
    ) -> _Shelf[T]:
        stamp = self._stamp(conn) if self._stamp is not None else None
        begun, at = time.monotonic(), clock.machine()
        value = make(conn)
        shelf = _Shelf(value, at, stamp, begun, time.monotonic() - begun)
        old = begun - OLDEST_SECONDS
        with self._lock:
            shelves = {one: kept for one, kept in self._shelves.items() if kept.made > old and one != key}
            if asked_for or self._weigh(value) >= MANY:
                shelves[key] = shelf
            self._shelves = shelves
        return shelf

    def _behind(self, engine: Engine, key: Hashable, make: Callable[[Connection], T]) -> None:
        """Have it counted in the background; each key waits there once."""
        with self._lock:
            if key in self._underway:
                return
            self._underway.add(key)
        shelf = self._shelves.get(key)
        BEHIND.add(shelf.took if shelf is not None else UNKNOWN_SECONDS, lambda: self._alone(engine, key, make))

    def _alone(self, engine: Engine, key: Hashable, make: Callable[[Connection], T]) -> None:
        try:
            with engine.connect() as conn:
                conn.exec_driver_sql(f"SET LOCAL statement_timeout = '{PATIENCE_SECONDS}s'")
                # one processor at most: whoever waits for a page comes before what nobody waits for
                conn.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")
                self._count(conn, key, make, asked_for=True)  # however little it found, somebody comes for it
        except SQLAlchemyError as error:
            log.warning("a count is not made anew for now: %s", type(error).__name__)
        finally:
            with self._lock:
                self._underway.discard(key)
