"""Saying what changed (变动通知): after a commit and outside the transaction, so that no commit waits for another's.

PostgreSQL serialises commits that carry a NOTIFY. One thread sends them on a connection of its own, many in one;
what is lost with a process costs a page only the minute until it looks again by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from functools import lru_cache

import psycopg
from sqlalchemy import Engine

CHANNEL = "lianban_changes"
EVERYTHING = "*"
PAYLOAD_BYTES = 7000
"""PostgreSQL takes less than 8000."""
GATHER_SECONDS = 0.05
IDLE_SECONDS = 1.0
"""After so long without a word the connection is given back."""

_SAY = "SELECT pg_notify(%s, %s)"


class Announcer:
    """A set of case numbers and one thread that tells every listener of them."""

    def __init__(self, engine: Engine) -> None:
        """Name the database whose listeners are told."""
        self._address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._changed: set[str] = set()
        self._bell = threading.Condition()
        self._thread: threading.Thread | None = None

    def say(self, numbers: Iterable[str]) -> None:
        """Have these cases announced soon; returns at once and never fails."""
        with self._bell:
            self._changed.update(numbers)
            if self._thread is None and self._changed:
                self._thread = threading.Thread(target=self._work, name="announce", daemon=True)
                self._thread.start()
            self._bell.notify()

    def _work(self) -> None:
        conn: psycopg.Connection | None = None
        gather = threading.Event()
        while True:
            with self._bell:
                some = self._bell.wait_for(lambda: self._changed, IDLE_SECONDS if conn is not None else None)
            if not some:
                _close(conn)
                conn = None
                continue
            gather.wait(GATHER_SECONDS)
            with self._bell:
                changed, self._changed = self._changed, set()
            try:
                conn = conn or psycopg.connect(self._address, autocommit=True)
                conn.execute(_SAY, [CHANNEL, payload(changed)])
            except psycopg.Error:
                _close(conn)
                conn = None  # the pages look again by themselves


def _close(conn: psycopg.Connection | None) -> None:
    if conn is not None:
        conn.close()


def payload(numbers: Collection[str]) -> str:
    """Return the numbers in one line, or the sign for everything where they are too many."""
    line = " ".join(sorted(numbers))
    return EVERYTHING if len(line.encode()) > PAYLOAD_BYTES or EVERYTHING in numbers else line


@lru_cache(maxsize=32)
def _announcer(engine: Engine) -> Announcer:
    return Announcer(engine)


def announce(engine: Engine, numbers: Iterable[str]) -> None:
    """Tell everybody who looks that these cases have changed ("*": everything), and addressees that something is new.

    Call it after the commit. An addressee is known by the colon in it (`flows.telling.addressees`), a case's number
    has none.
    """
    _announcer(engine).say(numbers)
