"""Playing the day (演出): day by day, round by round, until nobody finds anything to do; then the clock is moved.

In a round every officer works through his inbox, whoever the script names does what it says, and the window hands
over what is closed. Officers act at the same time, `at_once` of them; who decides first, the machine or a person, is
left open unless the story says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from datetime import time as hour
from http import HTTPStatus
from itertools import cycle

from api.simulation.caller import Line
from api.simulation.desk import Desk
from api.simulation.script import Board, Playing
from api.simulation.troupe import COORDINATOR, HANDLER, HELPERS, Troupe
from api.simulation.window import counts, deliver, file_application, follow_script
from infra.clock import SHANGHAI
from infra.demo import day, filing
from infra.demo.day import Turn

AT_ONCE = 8
LOOK_SECONDS = 0.15
LOOKS = 8
"""How often those who are busy, or wait for the machine, look again before everybody does."""

MACHINE_SECONDS = 90.0
OPENING = hour(9, 0)

Tell = Callable[[str], None]


class Play:
    """The day of these turns, ready to be played on the platform at the other end of the line."""

    def __init__(
        self, turns: Iterable[Turn], troupe: Troupe, line: Line, *, machine_seconds: float = MACHINE_SECONDS
    ) -> None:
        """Cast the turns; each is filed by one of the window officers of its district.

        What the machine has not done after `machine_seconds` without anything happening is said to be left.
        """
        self._machine_seconds = machine_seconds
        self.turns = tuple(turns)
        self.troupe, self.line = troupe, line
        turn_about = {region: cycle(troupe.windows(region)) for region in {turn.region for turn in self.turns}}
        self.board = Board([Playing(filed, next(turn_about[filed.turn.region])) for filed in filing.file(self.turns)])
        self.desks = [Desk(caller, self.board, troupe) for caller in troupe.desks()]
        self._first = {
            (d.caller.member.department, d.caller.member.region): d for d in self.desks if d.caller.duty == HANDLER
        }
        self.left: list[str] = []
        self.before = counts(troupe.one("manager"))

    def run(self, tell: Tell = lambda _: None) -> None:
        """Play every day of the script to its end."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="officer") as pool:
            try:
                for today in day.days():
                    tell(f"{today:%m月%d日}")
                    self._set_clock(today)
                    self._one_day(pool, today)
            except BaseException:
                self.line.closed.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _set_clock(self, today: date) -> None:
        at = datetime.combine(today, OPENING, SHANGHAI)
        reply = self.troupe.one("administrator").post("/api/v1/clock", {"to": at.isoformat()})
        if reply.status != HTTPStatus.OK:
            raise RuntimeError(f"时钟没有拨到 {at:%Y-%m-%d}：{reply.words}")

    def _one_day(self, pool: ThreadPoolExecutor, today: date) -> None:
        arriving = [one for one in self.board.playing if one.filing.turn.story.on == today and not one.no]
        _all(pool.submit(file_application, self.board, one) for one in arriving)
        still, settled = time.monotonic(), False
        while True:
            looking_in = [desk for desk in self.desks if self._looks_in(desk, everybody=settled)]
            waiting = self._round(pool, today, looking_in, windows=True)
            if waiting is None:
                still = time.monotonic()
            elif not waiting and settled:
                return  # nobody found anything, twice: what the machine did meanwhile has been seen too
            elif time.monotonic() - still > self._machine_seconds:
                self.left += [f"{today:%m-%d} 系统没有办理：{what}" for what in waiting]
                return
            settled = waiting == []
            self._while_busy(pool, today)

    def _while_busy(self, pool: ThreadPoolExecutor, today: date) -> None:
        """Let those look again who have work, wait for the machine, or were told of work by a colleague."""
        for _ in range(LOOKS):
            busy = [desk for desk in self.desks if desk.busy or self.board.is_told(desk.caller.member)]
            waiting = self._round(pool, today, busy)
            if waiting == []:
                return
            if waiting:
                time.sleep(LOOK_SECONDS)

    def _round(
        self, pool: ThreadPoolExecutor, today: date, desks: list[Desk], *, windows: bool = False
    ) -> list[str] | None:
        """Let these desks work once, and whoever the script names; the `windows` hand over what is closed.

        None where something was done; else what waits for the machine.
        """
        before = self.board.done
        self.board.hear()
        work: list[Future[object]] = [pool.submit(desk.work, today) for desk in desks]
        if windows:
            work += [pool.submit(deliver, self.board, self.troupe.windows(region)[0]) for region in self._regions()]
        work += [
            pool.submit(follow_script, self.board, self.troupe, one, today)
            for one in self.board.playing
            if one.beat(today) is not None
        ]
        _all(work)
        return None if self.board.done > before else sorted(what for desk in desks for what in desk.waits)

    def _looks_in(self, desk: Desk, *, everybody: bool) -> bool:
        """Whether an officer looks at his inbox of his own accord.

        Handlers and coordinators do; who signs after them is told; helpers do when their colleague has work.
        """
        duty, member = desk.caller.duty, desk.caller.member
        if duty in HELPERS:
            return self._first[member.department, member.region].busy
        return everybody or duty in (HANDLER, COORDINATOR) or self.board.is_told(member)

    def _regions(self) -> list[str]:
        return sorted({turn.region for turn in self.turns})


def _all(work: Iterable[Future[object]]) -> None:
    for future in list(work):
        future.result()
