"""The sender (发送): leases what is due, sends it outside any transaction, marks it, or puts it off.

Several may send at once. A dead receiver costs nothing but time: after a few silences in a row the rest waits for the
next round, and other channels never wait for it. What a crash interrupts is sent again, under the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping

from infra import clock
from infra.notify.outlets import Letter, Outlet, Unaddressed, Undelivered
from infra.store import notices

log = logging.getLogger(__name__)

SPREAD_CHUNK = 1000
SILENT_BEFORE_REST = 3
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)

Mobile = Callable[[Connection, str], str | None]
Wait = Callable[[int], timedelta]


def waits(tries: int) -> timedelta:
    """Return how long a letter rests after it failed `tries` times: half a minute, doubled, an hour at most."""
    return min(FIRST_WAIT * (1 << min(tries, 10)), LONGEST_WAIT)


@dataclass(slots=True)
class Sender:
    """Sends what is due through `outlets`; `mobile_of` opens an addressee's number in the moment of sending.

    `seconds` bound one round of a channel, `lease` is how long a letter is one sender's. What is not delivered `keeps`
    after it was written is given up, and the administrator is told (`alarm` writes that notice).
    """

    engine: Engine
    outlets: Sequence[Outlet]
    mobile_of: Mobile
    alarm: Callable[[Connection, str], None]
    keeps: timedelta = timedelta(days=7)
    seconds: float = 20.0
    lease: timedelta = timedelta(minutes=5)
    waits: Wait = field(default=waits)

    def send_due(self, limit: int) -> int:
        """Send up to `limit` letters of each channel; return how many were delivered."""
        self._spread()
        if not self.outlets:
            return 0
        with ThreadPoolExecutor(len(self.outlets), thread_name_prefix="notify") as pool:
            delivered = sum(pool.map(lambda outlet: self._channel(outlet, limit), self.outlets))
        self._strays(limit)
        return delivered

    def _spread(self) -> None:
        """Make of each notice here a row for every channel that takes its addressee, once."""
        while True:
            with self.engine.begin() as conn:
                rows = notices.fresh(conn, SPREAD_CHUNK)
                now = clock.machine()
                notices.put(conn, [_outside(row, o, now) for row in rows for o in self.outlets if _takes(o, row)])
                notices.sent(conn, [row["id"] for row in rows], now)
            if len(rows) < SPREAD_CHUNK:
                return

    def _channel(self, outlet: Outlet, limit: int) -> int:
        ends = monotonic() + self.seconds
        with self.engine.begin() as conn:
            rows = notices.lease(conn, outlet.channel, clock.machine(), self.lease, limit)
        delivered = silent = 0
        for place, row in enumerate(rows):
            if monotonic() > ends or silent >= SILENT_BEFORE_REST:
                self._put_off(rows[place:], None)
                break
            try:
                outlet.send(self._letter(outlet, row))
            except Unaddressed as nobody:
                self._give_up(row, str(nobody))
            except Undelivered as failed:
                self._put_off([row], str(failed))
                silent += 1
            except Exception as failed:
                log.exception("a letter could not be written")
                self._put_off([row], type(failed).__name__)
            else:
                with self.engine.begin() as conn:
                    notices.sent(conn, [row["id"]], clock.machine())
                delivered, silent = delivered + 1, 0
        if silent >= SILENT_BEFORE_REST:
            log.warning("%s takes nothing; %d letters wait", outlet.channel, len(rows) - delivered)
        return delivered

    def _letter(self, outlet: Outlet, row: RowMapping) -> Letter:
        mobile = None
        if outlet.needs_mobile:
            with self.engine.connect() as conn:
                mobile = self.mobile_of(conn, row["addressee"])
        return Letter(
            key=row["key"],
            addressee=row["addressee"],
            title=row["title"],
            text=row["content"].get("text") or row["title"],
            content=row["content"],
            case=row["case_no"],
            at=row["content"]["at"],
            mobile=mobile,
        )

    def _give_up(self, row: RowMapping, error: str) -> None:
        now = clock.machine()
        with self.engine.begin() as conn:
            notices.put_off(conn, [row["id"]], now=now, again=now, given_up_before=now + self.keeps, error=error)

    def _put_off(self, rows: Sequence[RowMapping], error: str | None) -> None:
        """Have letters tried again later; without `error` their turn has not come and they wait the shortest time."""
        now = clock.machine()
        rest = self.waits(rows[0]["tries"] if error is not None else 0)
        with self.engine.begin() as conn:
            given_up = notices.put_off(
                conn,
                [row["id"] for row in rows],
                now=now,
                again=now + rest,
                given_up_before=now - self.keeps,
                error=error,
            )
            for channel in sorted(set(given_up)):
                self.alarm(conn, channel)

    def _strays(self, limit: int) -> None:
        channels = [outlet.channel for outlet in self.outlets]
        now = clock.machine()
        with self.engine.begin() as conn:
            found = notices.give_up_strays(conn, channels, now=now, given_up_before=now - self.keeps, chunk=limit)
            for channel in sorted(set(found)):
                self.alarm(conn, channel)


def _takes(outlet: Outlet, row: RowMapping) -> bool:
    return outlet.takes(row["addressee"])


def _outside(row: RowMapping, outlet: Outlet, now: Any) -> dict[str, Any]:
    """Return the row of a channel outside; it keeps the moment of its cause, and its own times are the machine's."""
    return {
        "key": f"{row['key']}>{outlet.channel}",
        "addressee": row["addressee"],
        "channel": outlet.channel,
        "title": row["title"],
        "content": {"at": row["created_at"].isoformat(), **row["content"]},
        "case_id": row["case_id"],
        "created_at": now,
        "next_at": now,
        "tries": 0,
    }
