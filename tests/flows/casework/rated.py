"""Ended cases, rated and followed up: what the tests of ratings have in common."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flows import access
from flows.access import Actor
from flows.casework import applicant, ratings
from flows.desks import desk
from forms.applicant import APPLICANT_ACTS
from forms.messages import read_act
from forms.ratings import RATING_ACTS
from infra import clock
from tests.kit.hall import Hall, Row

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORDS = {"words": "已电话联系"}


def at(hall: Hall, day: date, hour: int = 10, minute: int = 0) -> None:
    hall.now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)
    with hall.engine.begin() as conn:
        clock.move(conn, hall.now)


def rate(hall: Hall, case: str, grade: int, comment: str | None = None) -> None:
    no = case.rpartition("-")[0]
    who = access.applicant(hall.application(no).id, no)
    with desk(who, now=hall.now, terminal="test", engine=hall.engine) as seat:
        said = {"act": "rate", "case": case, "grade": grade, "comment": comment}
        applicant.act(seat, read_act(said, APPLICANT_ACTS))


def of(hall: Hall, case: str) -> Row:
    return hall.rows("SELECT r.* FROM ratings r JOIN cases c ON c.id = r.case_id WHERE c.no = :no", no=case)[0]


def follow(hall: Hall, case: str, act: str, by: Actor | None = None, **fields: Any) -> str:
    """One act of the follow-up by the lead department's coordinator, unless somebody else is named."""
    fields = fields or ({"reply": "已整改到位"} if act == "close" else WORDS)
    fields |= WORDS if act in ("ledger", "judge", "call-back") and "words" not in fields else {}
    with desk(by or hall.coordinator(case), now=hall.now, terminal="test", engine=hall.engine) as seat:
        return str(ratings.follow(seat, of(hall, case).id, read_act({"act": act, **fields}, RATING_ACTS))["state"])


def limit(hall: Hall, case: str, what: str) -> Row:
    query = "SELECT * FROM limits WHERE subject = :no AND clock = 'rating' AND what = :what ORDER BY id DESC"
    return hall.rows(query, no=case, what=what)[0]


def elsewhere(hall: Hall) -> Actor:
    """A manager who never had a hand in any case."""
    return hall.actor("manager", "supervision", "*")
