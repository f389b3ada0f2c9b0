"""A matter with every kind of clock, two files like any other, for the tests of limits."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.explain import explained
from flows.matter import Matter, Step
from flows.registry import matters
from infra import clock
from tests.kit.hall import Hall, Row
from tests.kit.more import more_matters

HERE = Path(__file__).parent
HOSTEL = {"hostel": {"beds": "12"}}
SHANGHAI = ZoneInfo("Asia/Shanghai")
RUNNING = """
SELECT l.* FROM limits l JOIN cases c ON c.id = l.case_id WHERE c.no = :no AND l.ended_at IS NULL ORDER BY l.id
"""


def clocked_matters() -> AbstractContextManager[None]:
    """Have the files of this folder among the platform's matters."""
    return more_matters(HERE)


def hostel(**changed: Any) -> Matter:
    """The matter, a little otherwise."""
    return replace(matters()["hostel"], **changed)


def steps(**changed: Mapping[str, Any]) -> list[Step]:
    """The steps of the matter, some a little otherwise."""
    return [replace(step, **changed.get(step.code, {})) for step in matters()["hostel"].steps]


def opened(hall: Hall, matter: Matter | None = None) -> str:
    """Open a case of the matter and return its number."""
    body = hall.body("hostel", forms=HOSTEL)
    return str(hall.receive(body, matters={"hostel": matter or hostel()}).cases[0]["no"])


def running(hall: Hall, no: str, clock: str = "promised", subject: str | None = None) -> list[Row]:
    """Return the limits of a clock that run on a case, or on one of its tasks."""
    return [x for x in hall.rows(RUNNING, no=no) if x.clock == clock and x.subject == (subject or no)]


def at(hall: Hall, day: date, hour: int = 10) -> None:
    """Move both the acts' moment and the clock of the database."""
    hall.now = datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
    with hall.engine.begin() as conn:
        clock.move(conn, hall.now)


def said(hall: Hall, no: str) -> list[dict[str, Any]]:
    """Return what is said of the limits of a case itself."""
    with hall.engine.connect() as conn:
        return [x for x in explained(conn, hall.case(no), hall.tasks(no), hall.today) if x["subject"] == no]
