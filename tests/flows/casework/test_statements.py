"""The hot verbs stay cheap: a test that counts statements notices who makes them slow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text

from flows.casework import together
from flows.desks import desk
from flows.record import Sheet
from infra import database
from infra.store import work
from infra.store.rows import CASE_LIFE, CLOCK
from tests.kit.hall import BUNDLE, Hall

# begin and commit are not counted; a number may fall, never rise
RECEIVE, CLAIM, APPROVE, CLOSE, CLOSE_BESIDE_A_WAITING_SIBLING = 4, 3, 3, 4, 6

PILE, SAVEPOINT = 8, 2


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that this thread sends to the database, whichever part of the code does.

    The announcer says a moment later, in a thread of its own, what the act before has changed; and a connection that
    rested is asked whether it lives. Neither belongs to the verb.
    """
    sent: list[str] = []
    here = threading.get_ident()

    class Noting:
        """Stands between callers and the driver."""

        def __init__(self, real: Callable[..., Any]) -> None:
            self.real = real

        def __get__(self, cursor: Any, kind: type) -> Callable[..., Any]:
            def execute(query: Any, *rest: Any, **options: Any) -> Any:
                if threading.get_ident() == here:
                    sent.append(str(query))
                return self.real(cursor, query, *rest, **options)

            return execute

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "IDLE_SECONDS", float("inf"))
        for name in ("execute", "executemany"):
            patch.setattr(psycopg.Cursor, name, Noting(vars(psycopg.Cursor)[name]))
        yield sent


def test_receiving_costs_no_more_statements_for_four_matters_than_for_one(hall: Hall) -> None:
    for codes in (("settlement",), BUNDLE):
        body = hall.body(*codes)
        with counted() as sent:
            hall.receive(body)
        assert len(sent) <= RECEIVE, sent


def test_claiming_and_approving_read_twice_and_write_once(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    task = hall.no(case, "eligibility")
    who = hall.speaker(task)
    for act, most in (("claim", CLAIM), ("approve", APPROVE)):
        with counted() as sent:
            hall.act(task, act, who)
        assert len(sent) <= most, sent


def test_the_approval_that_closes_a_case_costs_hardly_more(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    hall.finish(case, but=("registration",))
    task = hall.no(case, "registration")
    who = hall.speaker(task)
    with counted() as sent:
        hall.act(task, "approve", who)
    assert hall.case(case).status == "closed_ok"
    assert len(sent) <= CLOSE, sent


def test_waking_a_sibling_costs_its_tasks_and_no_more(hall: Hall) -> None:
    nos = hall.open("settlement", "schooling")
    hall.finish(nos["schooling"])
    hall.finish(nos["settlement"], but=("registration",))
    task = hall.no(nos["settlement"], "registration")
    who = hall.speaker(task)
    with counted() as sent:
        hall.act(task, "approve", who)
    assert hall.status(nos["schooling"])["placement"] == "pending"
    assert len(sent) <= CLOSE_BESIDE_A_WAITING_SIBLING, sent


def test_a_pile_of_acts_costs_each_its_own_and_a_savepoint(hall: Hall) -> None:
    tasks = [hall.no(hall.open("settlement")["settlement"], "eligibility") for _ in range(PILE)]
    who = hall.speaker(tasks[0])
    with counted() as sent, desk(who, now=hall.now, engine=hall.engine) as seat:
        done = together.act_on_tasks(seat, [{"no": no, "act": "approve"} for no in tasks])
    assert [one.problem for one in done] == [None] * PILE
    assert len(sent) <= PILE * (APPROVE + SAVEPOINT) + 1, sent


def test_what_goes_and_comes_back_within_one_transaction_ends_as_it_was(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    with hall.engine.begin() as conn:
        (case,), _ = work.take(conn, no)
        for reason in ("gone", None):
            case.reason_code = reason
            sheet = Sheet(cases={case.id: case})
            sheet.write(conn)
            assert _reason(conn, no) == reason


def _reason(conn: Connection, no: str) -> str | None:
    return conn.execute(text("SELECT reason_code FROM cases WHERE no = :no"), {"no": no}).scalar_one()


def test_a_row_is_written_back_with_all_that_differs_from_what_was_read(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    plain = (*CASE_LIFE, *CLOCK)
    others = {"status": "void", "outcome": "refused", "reason_code": "x", "paused": True, "stopped": True}
    with hall.engine.begin() as conn:
        for name in plain:
            (case,), tasks = work.take(conn, no)
            value = others.get(name, hall.now if name.endswith("_at") else hall.now.date())
            setattr(case, name, value)
            Sheet(cases={case.id: case}).write(conn)
            (again,), _ = work.take(conn, no)
            assert getattr(again, name) == value, name
        for name, value in {"due_on": hall.now.date(), "paused": True, "office": "x", "check_tries": 7}.items():
            setattr(tasks[0], name, value)
            Sheet(tasks={tasks[0].id or 0: tasks[0]}).write(conn)
            assert getattr(work.tasks_of(conn, case.id)[0], name) == value, name
        conn.rollback()
