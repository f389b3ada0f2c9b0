"""Whose matters they are: what a lead sees is what the own cases hold, be the matter the own alone or another's too."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, and_, or_, select, text

from flows import access
from forms.scope import EVERYTHING, Scope, Seat
from infra.clock import SHANGHAI
from infra.store import breaches, oversight, supervision
from infra.store.led import lead_of_matter, led
from infra.store.oversight import Wanted
from infra.store.scoped import cases_within, tasks_within
from infra.store.work import CASES, TASKS
from tests.kit.hall import LAIXI, PINGDU

LEADS = {
    "of a matter shared with another": {("education", PINGDU)},
    "of an own matter": {("health", PINGDU)},
    "of an own matter everywhere": {("human_resources", "*")},
    "of two matters in two places": {("human_resources", PINGDU), ("education", LAIXI)},
    "of nothing": {("housing", PINGDU)},
}


def test_a_matter_has_one_lead_or_several(engine: Engine, day: date) -> None:
    with engine.connect() as conn:
        pairs = {tuple(row) for row in conn.execute(select(CASES.c.matter, CASES.c.lead).distinct())}
        known = lead_of_matter(conn)
    assert {matter for matter, lead in known.items() if lead is None} == {"settlement"}
    assert {(matter, lead) for matter, lead in known.items() if lead is not None} == {
        pair for pair in pairs if pair[0] != "settlement"
    }


def test_only_who_leads_and_nothing_else_is_told_so(engine: Engine, day: date) -> None:
    seat = Seat("education", PINGDU)
    with engine.connect() as conn:
        assert led(conn, EVERYTHING) is None
        assert led(conn, Scope(regions=frozenset({PINGDU}))) is None
        assert led(conn, Scope(seats=frozenset({seat}), leads=frozenset({seat}))) is None
        shared, own = (led(conn, Scope(leads=frozenset({one}))) for one in (seat, Seat("health", PINGDU)))
        assert shared is not None and not shared.exact
        assert own is not None and own.exact


@pytest.mark.parametrize("who", LEADS)
@pytest.mark.parametrize("matter", [None, "schooling", "settlement", "nothing"])
def test_what_turns_soon_and_what_is_open_are_the_own_cases(
    engine: Engine, day: date, who: str, matter: str | None
) -> None:
    scope = Scope(leads=frozenset(Seat(*seat) for seat in LEADS[who]))
    own = or_(
        *(CASES.c.lead == lead if at == "*" else and_(CASES.c.lead == lead, CASES.c.region == at)
          for lead, at in LEADS[who])
    )  # fmt: skip
    horizon = day + timedelta(days=90)
    with engine.connect() as conn:
        numbers = set(conn.execute(select(CASES.c.no).where(own)).scalars())
        everybody = breaches.soon(conn, EVERYTHING, day, horizon, matter=matter, limit=500)
        mine = breaches.soon(conn, scope, day, horizon, matter=matter, limit=500)
        assert [row["id"] for row in mine] == [row["id"] for row in everybody if row["case_no"] in numbers]
        now = datetime.combine(horizon, time(12), SHANGHAI)
        late = breaches.late(conn, EVERYTHING, now, matter=matter, limit=500)
        assert bool(late) == (matter != "nothing")
        mine = breaches.late(conn, scope, now, matter=matter, limit=500)
        assert [row["id"] for row in mine] == [row["id"] for row in late if row["case_no"] in numbers]
        wanted = Wanted(day, "open", matter=matter)
        cases = oversight.cases(conn, EVERYTHING, wanted, limit=500)
        held = [row.no for row in cases if row.no in numbers]
        assert [row.no for row in oversight.cases(conn, scope, wanted, limit=500)] == held
        tasks = oversight.tasks(conn, EVERYTHING, Wanted(day, "in_hand", matter=matter), limit=500)
        in_hand = [row.no for row in tasks if row.case_no in numbers]
        found = oversight.tasks(conn, scope, Wanted(day, "in_hand", matter=matter), limit=500)
        assert [row.no for row in found] == in_hand


SEATS = {
    "a handler": [("handler", "human_resources", PINGDU, None)],
    "a handler elsewhere": [("handler", "education", LAIXI, None)],
    "a handler everywhere": [("handler", "police_station", "*", None)],
    "a school": [("handler", "school", PINGDU, "pd-shiyan-xx")],
    "a lead who handles": [("coordinator", "education", PINGDU, None), ("handler", "health", LAIXI, None)],
    "an office without tasks": [("handler", "hospital", LAIXI, None)],
}


@pytest.fixture(scope="module")
def carded(engine: Engine, day: date) -> date:
    """Every limit has a red card and an order; a task that got one does not concern its department any more."""
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO alarms (limit_id, case_id, subject, clock, rung, reached_on, fired_at, matter, department,"
                " region, state) SELECT id, case_id, subject, clock, 'red', due_on, now(), matter, department, region,"
                " 'issued' FROM limits"
            )
        )
        conn.execute(
            text(
                "INSERT INTO orders (no, alarm_id, case_id, subject, matter, department, region, content, rule, state,"
                " sent_at, reply_due) SELECT 'DB-' || id, id, case_id, subject, matter, department, region, '', '',"
                " 'open', now(), now()::date FROM alarms"
            )
        )
        conn.execute(
            text(
                "UPDATE tasks SET status = 'not_applicable' WHERE id = (SELECT max(t.id) FROM tasks t JOIN limits l"
                " ON l.subject = t.no WHERE t.department = 'human_resources')"
            )
        )
    return day


@pytest.mark.parametrize("who", SEATS)
def test_an_office_is_shown_what_lies_within_its_walls_wherever_it_is_looked_for(
    engine: Engine, carded: date, who: str
) -> None:
    scope = access.scope(access.officer(1, "某人", SEATS[who]))
    horizon = carded + timedelta(days=90)
    now = datetime.combine(horizon, time(12), SHANGHAI)
    with engine.connect() as conn:
        cases = set(conn.execute(select(CASES.c.no).where(cases_within(scope))).scalars())
        held = select(TASKS.c.no).join(CASES, CASES.c.id == TASKS.c.case_id).where(tasks_within(scope))
        subjects = cases | set(conn.execute(held).scalars())
        late = breaches.late(conn, EVERYTHING, now, limit=500)
        soon = breaches.soon(conn, EVERYTHING, carded, horizon, limit=500)
        for everybody, mine in (
            (late, breaches.late(conn, scope, now, limit=500)),
            (soon, breaches.soon(conn, scope, carded, horizon, limit=500)),
        ):
            assert [row["id"] for row in mine] == [row["id"] for row in everybody if row["subject"] in subjects]
        got = {(seat.department, seat.region) for seat in scope.seats if seat.office is None}

        def sees(row: Any) -> bool:
            own = (row["department"], row["region"]) in got or (row["department"], "*") in got
            return own or row["subject"] in subjects

        for find in (partial(supervision.cards, limit=500), partial(supervision.orders, today=carded, limit=500)):
            everybody = find(conn, EVERYTHING)
            assert len(everybody) > 50
            assert [row["id"] for row in find(conn, scope)] == [row["id"] for row in everybody if sees(row)]


@pytest.mark.parametrize("who", SEATS)
def test_what_awaits_an_answer_is_counted_as_the_lists_show_it(engine: Engine, carded: date, who: str) -> None:
    scope = access.scope(access.officer(1, "某人", SEATS[who]))
    with engine.connect() as conn:
        conn.execute(text("UPDATE orders SET state = 'replied' WHERE id % 3 = 0"))
        conn.execute(text("UPDATE alarms SET state = 'appealed' WHERE id % 4 = 0"))
        found = supervision.awaiting(conn, scope, carded)
        states = {state: len(supervision.orders(conn, scope, carded, state=state, limit=500)) for state in _ANSWERS}
        appealed = len(supervision.cards(conn, scope, state="appealed", limit=500))
        overdue = len(supervision.orders(conn, scope, carded, overdue=True, limit=500))
        conn.rollback()
    assert found == {**states, "overdue": overdue, "appealed": appealed}


_ANSWERS = ("open", "replied")
