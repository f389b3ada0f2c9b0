"""The calendar changes again and again while officers act: in the end every day is the one the calculator gives.

Pauses open and ended, extensions, verdicts; days off everywhere and in one county; two who change it at once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event

import pytest
from sqlalchemy import Engine

from flows.access import SYSTEM, Actor, Member
from flows.reproject import follow, reproject
from flows.verify import verify
from forms.errors import Problem
from infra import calendar
from infra.settings import Settings
from tests.kit import PATIENCE
from tests.kit.clocked import clocked_matters, opened
from tests.kit.hall import PINGDU, Hall
from tests.kit.projected import broken_chains, out_of_step

HEAD = Actor(None, "局长", (Member("agency_head", "human_resources", PINGDU), Member("manager", "supervision", PINGDU)))
KINDS = ("hearing", "expert_review", "other")
DAYS_OFF = (date(2026, 9, 22), date(2026, 9, 24), date(2026, 10, 9))
SIZES = pytest.mark.parametrize(
    ("cases", "rounds"), [(6, 2), pytest.param(60, 12, marks=pytest.mark.storm)], ids=["small", "large"]
)


@pytest.fixture(scope="module")
def hall(platform: Settings, engine: Engine) -> Iterator[Hall]:
    with clocked_matters():
        yield Hall(engine)


def pause(hall: Hall, dice: random.Random) -> dict[str, str]:
    """A pause of some kind, with the day by which it is planned to end."""
    return {"kind": dice.choice(KINDS), "ground": "依据", "until": hall.day(dice.randint(5, 30))}


def officers_act(hall: Hall, cases: list[str], seed: int, over: Event) -> int:
    """Pause, resume, extend and decide at random until it is over; return how many acts were taken."""
    dice, taken = random.Random(seed), 0
    while not over.is_set():
        no = dice.choice(cases)
        try:
            match dice.randrange(6):
                case 0 | 1:
                    hall.act(no, "suspend", hall.coordinator(no), **pause(hall, dice))
                case 2:
                    hall.act(no, "resume", hall.coordinator(no))
                case 3:
                    hall.act(no, "extend", HEAD, kind="agency", days=dice.randint(1, 5), reason="情况复杂")
                case _:
                    task = dice.choice([task for task in hall.tasks(no) if task.status != "not_applicable"])
                    act = dice.choice(("suspend", "suspend", "resume", "resume", "approve"))
                    said = pause(hall, dice) if act == "suspend" else {}
                    hall.act(task.no, act, hall.holder(task.no), **said)
            taken += 1
        except Problem:
            continue  # what is over cannot be paused, what runs cannot be resumed
    return taken


def change(hall: Hall, day: date, region: str, reason: str) -> None:
    """Have a day off, or lift that again, and have due days follow."""
    with hall.engine.begin() as conn:
        stands = calendar.current(conn).local
        works = None if any((one.day, one.region) == (day, region) for one in stands) else False
        calendar.override(conn, day, works, reason=reason, author="测试", at=hall.now, region=region)
    reproject(hall.engine, SYSTEM, hall.now, reason=reason)


@SIZES
def test_no_due_day_is_left_behind_and_no_act_is_overwritten_however_often_the_calendar_changes(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, cases: int, rounds: int
) -> None:
    monkeypatch.setattr("flows.reproject.CHUNK", 3)
    numbers = [opened(hall) for _ in range(cases)]
    keys = [hall.case(no).id for no in numbers]
    over, dice = Event(), random.Random(7)
    with ThreadPoolExecutor(6) as pool:
        acting = [pool.submit(officers_act, hall, numbers, seed, over) for seed in range(4)]
        try:
            for nth in range(rounds):
                one, other = dice.sample(DAYS_OFF, 2)
                both = [
                    pool.submit(change, hall, one, "", f"停工{nth}"),
                    pool.submit(change, hall, other, PINGDU, f"停水{nth}"),
                ]
                for changing in both:
                    changing.result(PATIENCE)
                hall.later(days=1)
        finally:
            over.set()
        assert all(act.result(PATIENCE) for act in acting), "each of them got something done meanwhile"
    follow(hall.engine)
    with hall.engine.connect() as conn:
        assert not calendar.lags(conn)
        assert out_of_step(conn, keys) == [] and broken_chains(conn, keys) == []
        assert [finding for _, finding in verify(conn) if finding] == []
