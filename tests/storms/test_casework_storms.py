"""Crowds at the desks: every case concludes once, none is stuck, nobody deadlocks, one of two wins.

Each storm has a small form for every test run and a large one for `make storm`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine

from flows.verify import verify
from forms.errors import Conflict, Problem
from infra.settings import Settings
from tests.kit.hall import Hall
from tests.kit.more import more_matters

PARKING = {"parking": {"plate": "鲁B00000"}}
SIZES = pytest.mark.parametrize("size", [40, pytest.param(500, marks=pytest.mark.storm)])
ROUNDS = pytest.mark.parametrize("rounds", [6, pytest.param(60, marks=pytest.mark.storm)])


@pytest.fixture(scope="module")
def hall(platform: Settings, engine: Engine) -> Iterator[Hall]:
    with more_matters():
        yield Hall(engine)


def at_once(works: Sequence[Callable[[], object]], threads: int) -> list[object]:
    """Do the works on that many threads, all starting together; return what each gave or the problem it met."""
    start = Barrier(min(threads, len(works)))
    waiting = iter(range(start.parties))

    def one(work: Callable[[], object]) -> object:
        if next(waiting, None) is not None:
            start.wait(30)
        try:
            return work()
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(start.parties) as pool:
        return list(pool.map(one, works))


def decide(hall: Hall, no: str, nth: int, act: str = "approve") -> Callable[[], object]:
    """Make the work of the nth officer who may speak on a task."""
    who = hall.speaker(no, nth=nth)
    return lambda: hall.act(no, act, who)


def won(outcomes: Sequence[object]) -> int:
    """Count the works that were done; every other one met a clear conflict."""
    lost = [one for one in outcomes if isinstance(one, Problem)]
    assert all(isinstance(one, Conflict) for one in lost), lost
    return len(outcomes) - len(lost)


@SIZES
def test_sixteen_threads_decide_the_last_open_tasks_of_all_cases(hall: Hall, size: int) -> None:
    cases = [hall.open("parking", forms=PARKING)["parking"] for _ in range(size)]
    for steps in (("vehicle", "space"), ("decision",)):
        numbers = [hall.no(case, step) for case in cases for step in steps]
        works = [decide(hall, no, nth) for no in numbers for nth in (0, 1)]
        random.Random(1).shuffle(works)
        assert won(at_once(works, 16)) == len(numbers)
    for case in cases:
        acts = hall.acts(case)
        assert hall.case(case).status == "closed_ok"
        assert (acts.count("close-ok"), acts.count("open")) == (1, 3)
        assert len(hall.documents(case)) == 2
    with hall.engine.connect() as conn:
        assert [finding for _, finding in verify(conn) if finding] == []


@ROUNDS
def test_sibling_cases_concluded_in_the_same_instant_never_deadlock(hall: Hall, rounds: int) -> None:
    for _ in range(rounds):
        nos = hall.open("settlement", "schooling", "green_channel")
        last = {"settlement": "registration", "schooling": "placement", "green_channel": "hospital_file"}
        for matter, step in last.items():
            hall.finish(nos[matter], but=(step,))
        works = [decide(hall, hall.no(nos[m], last[m]), 0) for m in ("green_channel", "settlement")]
        works.append(lambda nos=nos: hall.act(nos["schooling"], "withdraw", hall.window, reason="改期"))
        assert won(at_once(works, 3)) == 3
        assert {hall.case(nos[m]).status for m in ("settlement", "green_channel")} == {"closed_ok"}
        assert (hall.case(nos["schooling"]).status, hall.application(nos["no"]).outcome) == ("withdrawn", "approved")


@ROUNDS
def test_of_two_officers_in_the_same_second_one_wins(hall: Hall, rounds: int) -> None:
    for act in ("approve", "claim"):
        for _ in range(rounds):
            task = hall.no(hall.open("parking", forms=PARKING)["parking"], "space")
            assert won(at_once([decide(hall, task, nth, act) for nth in (0, 1)], 2)) == 1


@ROUNDS
def test_of_several_intakes_for_one_person_one_is_received(hall: Hall, rounds: int) -> None:
    for _ in range(rounds):
        body = hall.body("settlement", "green_channel", "subsidy")
        turned = {**body, "matters": dict(reversed(body["matters"].items()))}
        works = [lambda one=one: hall.receive(one) for one in (body, turned, body, turned)]
        outcomes = at_once(works, 4)
        assert won(outcomes) == 1
        assert {one.code for one in outcomes if isinstance(one, Problem)} == {"duplicate_open"}


@ROUNDS
def test_cases_reopened_in_the_same_instant_each_get_a_place_of_their_own(hall: Hall, rounds: int) -> None:
    for _ in range(rounds):
        nos = hall.open("settlement", "green_channel", "subsidy")
        cases = [no for key, no in nos.items() if key != "no"]
        for case in cases:
            hall.act(case, "withdraw", hall.window, reason="填错")
        works = [lambda case=case: hall.act(case, "reopen", hall.manager, reason="恢复办理").no for case in cases]
        assert won(at_once(works, 3)) == 3
        rows = hall.rows(
            "SELECT c.position, c.reopens FROM cases c JOIN applications a ON a.id = c.application_id WHERE a.no = :no",
            no=nos["no"],
        )
        assert sorted(row.position for row in rows) == [1, 2, 3, 4, 5, 6]
        assert hall.application(nos["no"]).status == "submitted"
