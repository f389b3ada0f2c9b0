"""An officer's round (经办人的一轮): works through his inbox; what the script does not say is approved."""

from __future__ import annotations

import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from api.simulation.caller import Caller, Reply
from api.simulation.script import Board, Playing
from api.simulation.troupe import APPROVER, HANDLER, HELPERS, REVIEWER, Troupe
from api.simulation.window import message, settle
from forms.workdays import Workdays
from infra.demo.day import FIRST, Beat

PATIENCE_SECONDS = 3.0
"""How long somebody waits for a registry before he looks for himself."""

NOTICE_DAYS = 5
"""Working days that a public notice stands; the officer ends it by hand."""

WEEK = Workdays.over(FIRST.year, FIRST.year + 1, {})
CLAIM_ONE_OF = 4
NOT_NOW = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.NOT_FOUND})
"""Somebody else or the machine was there first, or the task was cancelled meanwhile: nothing to complain of."""

RESULTS = {"receipt": "银行回单 20260922", "adviser": "健康顾问一组", "liaison": "就医联络员"}
LATE = "因专家评审和国庆假期，超过承诺时限办结。"


class Desk:
    """One officer with his inbox."""

    def __init__(self, caller: Caller, board: Board, troupe: Troupe) -> None:
        """Sit down."""
        self.caller, self.board, self.troupe = caller, board, troupe
        self.waits: list[str] = []
        self.worked = False
        self._seen: dict[str, float] = {}

    @property
    def busy(self) -> bool:
        """Whether his last look at the inbox found something to do, now or soon."""
        return self.worked or bool(self.waits)

    def work(self, today: date) -> None:
        """Go through the inbox once; `waits` is what he left to the machine, `worked` whether he did anything."""
        self.worked = False
        rows = list(self.caller.every("/api/v1/tasks"))
        self.waits = [what for row in rows if (what := self._look_at(row, today))]

    def _look_at(self, row: dict[str, Any], today: date) -> str | None:
        found = self.board.of(row["case"])
        if found is None:
            return None
        one, case = found
        place = f"{case}.{row['step']}"
        if one.left_alone(place):
            beat = one.beat(today)
            if beat is not None and beat.at == place and beat.by == self.caller.duty and beat.seat is None:
                with one.lock:
                    if one.beat(today) is beat:
                        return self._follow(one, beat, row)
            return None
        if not self._mine(row) or row["paused"] or not self._notice_is_over(row, today):
            return None
        if one.left_to_the_machine(place):
            patient = row["checking"]
        else:
            since = self._seen.setdefault(row["no"], time.monotonic())
            patient = row["checking"] and time.monotonic() - since < PATIENCE_SECONDS
        if patient:
            return f"{one.key} {place}"
        self._approve(row)
        return None

    def _mine(self, row: dict[str, Any]) -> bool:
        """Whether the task waits for a verdict at his level, and no colleague has it."""
        if row["status"] not in ("pending", "received", "reviewing"):
            return False
        if row["officer"] not in (None, self.caller.officer.name):
            return False
        if row["level"] <= 1:
            return self.caller.duty in (HANDLER, *HELPERS)
        return self.caller.duty == (APPROVER if row["level"] >= row["levels"] else REVIEWER)

    def _notice_is_over(self, row: dict[str, Any], today: date) -> bool:
        if row["step"] != "notice":
            return True
        return WEEK.count(datetime.fromisoformat(row["opened_at"]).date(), today) >= NOTICE_DAYS

    def _approve(self, row: dict[str, Any]) -> None:
        if row["level"] == 1 and row["officer"] is None and zlib.crc32(row["no"].encode()) % CLAIM_ONE_OF == 0:
            claimed = self._act(row, {"act": "claim"}, "", seen=row["version"])
            if claimed.status != HTTPStatus.OK:
                return
            self._done(claimed)
            row = claimed.data
        items = [{"code": code, "value": value} for code, value in RESULTS.items() if code in row["results"]]
        reply = self._act(
            row, {"act": "approve", "reason": "符合条件，同意。", "items": items}, "decide", seen=row["version"]
        )
        if reply.status == HTTPStatus.OK:
            self._done(reply)
        elif reply.status not in NOT_NOW:
            found = self.board.of(row["case"])
            assert found is not None
            found[0].wrong.append(f"{self.caller.officer.username} 未能通过 {row['step']}：{reply.words}")

    def _follow(self, one: Playing, beat: Beat, row: dict[str, Any]) -> str | None:
        """Do what the script says about this task, the story's lock in hand."""
        one.tasks[beat.at] = row["no"]
        if beat.evidence is not None:
            given = self.caller.get(f"/api/v1/tasks/{row['no']}").data.get("evidence", [])
            if not any(item["result"] == beat.evidence for item in given):
                return f"{one.key} {beat.at}（等待核验结果）"
        said = message(self.troupe, one, beat, self.caller)
        if beat.rival:
            reply = self._compete(one, beat, row, said)
        else:
            reply = self._act(row, said, "decide")
            settle(one, beat, reply)
        self._done(reply)
        return None

    def _compete(self, one: Playing, beat: Beat, row: dict[str, Any], said: dict[str, Any]) -> Reply:
        """Do it together with a colleague in the same instant: one succeeds, the other is told who did."""
        rival = self.troupe.at("second handler", self.caller.member.department.value, one.region)
        path = f"/api/v1/tasks/{row['no']}/acts"
        with ThreadPoolExecutor(2) as pool:
            answers: list[Reply] = list(pool.map(lambda who: who.post(path, said), (self.caller, rival)))
        statuses = sorted(answer.status for answer in answers)
        if statuses != [HTTPStatus.OK, HTTPStatus.CONFLICT]:
            one.differs(beat, f"{statuses}（两人同办）")
        one.next += 1
        done, _ = sorted(answers, key=lambda answer: answer.status)
        return done

    def _done(self, reply: Reply) -> None:
        """Count what was done, and tell the colleagues and the lead department that there may be work."""
        self.worked = True
        self.board.act()
        if reply.status == HTTPStatus.OK:
            self.board.tell(reply.data["department"], reply.data["region"])
            self.board.tell(reply.data["case_row"]["department"], reply.data["region"])

    def _act(self, row: dict[str, Any], said: dict[str, Any], kind: str, *, seen: int | None = None) -> Reply:
        """Act on a task; where the answer wants to know why it is late, say so and act again."""
        path = f"/api/v1/tasks/{row['no']}/acts"
        reply = self.caller.post(path, said, seen=seen, kind=kind)
        if any(error["field"] == "/explanation" for error in reply.data.get("errors", ())):
            reply = self.caller.post(path, {**said, "explanation": LATE}, seen=seen, kind=kind)
        return reply
