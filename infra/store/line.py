"""The line to PostgreSQL (直达线路): the few hot statements go to libpq itself, several in one journey where they can.

psycopg goes on to open, commit, roll back and close the connection, and SQLAlchemy to pool it; between them and libpq
nothing is done here that a hot statement does not need. Values are text as PostgreSQL reads it, placeholders are `$1`.
Errors are SQLAlchemy's, as from any other statement.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

MOST_STATEMENTS = 200

Statement = tuple[str, Sequence[str | None]]


def run(conn: Connection, query: str, values: Sequence[str | None] = ()) -> list[TupleRow]:
    """Execute a statement in the transaction that is under way, or begins with it; answers all its rows."""
    return run_all(conn, (query, values))[0]


def run_all(conn: Connection, *statements: Statement, commit: bool = False) -> list[list[TupleRow]]:
    """Execute statements one after the other in one journey; answers the rows of each.

    Each sees what was committed before it began, so one that follows a lock sees what the lock waited for. With
    `commit` the transaction is committed in the same journey, if all went well.
    """
    held = conn.connection
    line: _Line | None = held.info.get(_LINE)
    if line is None or line.driver is not held.driver_connection:
        line = held.info[_LINE] = _Line(held.driver_connection)
    try:
        return line.run(statements, commit=commit)
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True) from error


_LINE = "lianban_line"


@dataclass(slots=True, eq=False)
class _Known:
    """A statement that one connection has seen: its name once it is prepared, how its rows are read."""

    name: bytes
    transformer: Any  # psycopg's, in C where that is installed
    seen: bool = False
    prepared: bool = False
    loaded: bool = False

    def rows(self, result: PGresult) -> list[TupleRow]:
        """Return the rows of a result."""
        if result.status != ExecStatus.TUPLES_OK:
            return []
        self.transformer.set_pgresult(result, set_loaders=not self.loaded)
        self.loaded = True
        rows: list[TupleRow] = self.transformer.load_rows(0, result.ntuples, tuple)
        return rows


class _Line:
    """One connection."""

    def __init__(self, driver: Any) -> None:
        """Hold psycopg's connection."""
        self.driver: psycopg.Connection[Any] = driver
        self.driver.prepare_threshold = None  # statements of its own it would deallocate at a rollback, ours with them
        self._pgconn = driver.pgconn
        self._known: dict[str, _Known] = {}
        self._poll = select.poll()
        self._poll.register(self._pgconn.socket, select.POLLIN)

    def run(self, statements: Sequence[Statement], *, commit: bool) -> list[list[TupleRow]]:
        """Send everything, then read everything."""
        begins = self._pgconn.transaction_status == TransactionStatus.IDLE
        known = [self._knows(query) for query, _ in statements]
        forgotten = self._forget(known)
        given = [_encoded(values) for _, values in statements]
        self._pgconn.enter_pipeline_mode()
        try:
            if begins:
                self._pgconn.send_query_params(b"BEGIN", None)
            for name in forgotten:
                self._pgconn.send_query_params(b"DEALLOCATE " + name, None)
            prepares: list[_Known] = []
            for one, (query, _), values in zip(known, statements, given, strict=True):
                self._send(one, query.encode(), values, prepares)
            if commit:
                self._pgconn.send_query_params(b"COMMIT", None)
            self._pgconn.pipeline_sync()
            results = iter(self._results())
        finally:
            with suppress(psycopg.Error):  # a connection that broke is told of by the error under way
                self._pgconn.exit_pipeline_mode()
        for _ in range(begins + len(forgotten)):
            self._well(next(results))
        rows = []
        for one in known:
            if one in prepares and not one.prepared:
                self._well(next(results))
                one.prepared = True
            rows.append(one.rows(self._well(next(results))))
            one.seen = True
        if commit:
            self._well(next(results))
        return rows

    def _well(self, result: PGresult) -> PGresult:
        if result.status not in _WELL:
            raise error_from_result(result, encoding=self.driver.info.encoding)
        return result

    def _knows(self, query: str) -> _Known:
        known = self._known.pop(query, None) or _Known(b"lianban%d" % next(_numbers), Transformer(self.driver))
        self._known[query] = known  # at the end: what was used last
        return known

    def _forget(self, needed: Sequence[_Known]) -> list[bytes]:
        """Let go of the statements that were not used for longest; return the names of those that were prepared."""
        names = []
        while len(self._known) > max(MOST_STATEMENTS, len(needed)):
            known = self._known.pop(next(iter(self._known)))
            if known.prepared:
                names.append(known.name)
        return names

    def _send(self, known: _Known, query: bytes, values: list[bytes | None], prepares: list[_Known]) -> None:
        """Send a statement: as it comes in its first journey, prepared from the second on."""
        if not known.seen:
            self._pgconn.send_query_params(query, values)
            return
        if not known.prepared and known not in prepares:
            self._pgconn.send_prepare(known.name, query)
            prepares.append(known)
        self._pgconn.send_query_prepared(known.name, values)

    def _results(self) -> list[PGresult]:
        """Read up to the end of the journey; other threads go on meanwhile."""
        results: list[PGresult] = []
        pgconn, silent = self._pgconn, 0
        while silent <= 1:
            while pgconn.is_busy():
                self._poll.poll()
                pgconn.consume_input()
            result = pgconn.get_result()
            if result is None:  # the end of one statement's results; twice in a row: nobody is there any more
                silent += 1
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return results
            else:
                silent = 0
                results.append(result)
        raise psycopg.OperationalError("the connection is lost")


_WELL = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})
_numbers = count()


def _encoded(values: Sequence[str | None]) -> list[bytes | None]:
    given = [None if value is None else value.encode() for value in values]
    if b"\0" in b"".join(filter(None, given)):
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return given
