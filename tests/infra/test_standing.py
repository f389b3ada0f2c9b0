"""What stands: counted once for everybody, and yet each reader is told what the own lists hold, no more and no less."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, Engine, event

from flows import access
from forms.scope import EVERYTHING, NOTHING, Scope, Seat
from infra.store import oversight, standing
from infra.store.oversight import Wanted
from tests.kit.hall import LAIXI, PINGDU, Hall
from tests.kit.planned import left_with

SCOPES = {
    "the city": EVERYTHING,
    "a district": Scope(regions=frozenset({PINGDU})),
    "another district": Scope(regions=frozenset({LAIXI})),
    "a lead": Scope(leads=frozenset({Seat("education", PINGDU)})),
    "a lead everywhere": Scope(leads=frozenset({Seat("public_security", "*"), Seat("education", LAIXI)})),
    "a manager with a seat and a lead there": Scope(
        regions=frozenset({PINGDU}),
        seats=frozenset({Seat("health", PINGDU)}),
        leads=frozenset({Seat("school", PINGDU)}),
    ),
    "nothing": NOTHING,
}
LIGHTS = (None, "red", "yellow", "amber", "green", "paused", "none")


@pytest.mark.parametrize("who", SCOPES)
def test_the_board_says_what_the_lists_behind_it_hold(engine: Engine, day: date, who: str) -> None:
    scope = SCOPES[who]
    with engine.connect() as conn:
        stands = standing.standing(conn, leads=True)
        for light in LIGHTS:
            for matter in (None, "schooling"):
                wanted = Wanted(day, "open", matter=matter, light=light)
                _same(conn, stands, scope, wanted)


def _same(conn: Connection, stands: standing.Standing, scope: Scope, wanted: Wanted) -> None:
    cases, tasks = stands.lights_of_cases(scope, wanted), stands.lights_of_tasks(scope, wanted)
    assert cases == {row[:2]: row[2] for row in oversight.lights_of_cases(conn, scope, wanted)}
    assert tasks == {row[:2]: row[2] for row in oversight.lights_of_tasks(conn, scope, wanted)}
    assert sum(cases.values()) == len(oversight.cases(conn, scope, wanted, limit=500))
    in_hand = Wanted(wanted.today, "in_hand", matter=wanted.matter, light=wanted.light)
    assert sum(tasks.values()) == len(oversight.tasks(conn, scope, in_hand, limit=500))
    here = Wanted(wanted.today, matter=wanted.matter)
    assert stands.undelivered(scope, here) == oversight.undelivered(conn, scope, here)
    steps = {tuple(row[:3]): (row.in_hand, row.unclaimed) for row in oversight.steps_in_hand(conn, scope, here)}
    assert stands.steps(scope, here) == steps


def test_every_light_is_among_them(engine: Engine, day: date) -> None:
    with engine.connect() as conn:
        lights = {light for _, light in standing.standing(conn).lights_of_cases(EVERYTHING, Wanted(day))}
    assert {"red", "yellow", "green", "paused"} <= lights


def test_who_holds_single_seats_is_not_counted_by_places() -> None:
    handler = access.scope(access.officer(1, "某人", [("handler", "education", PINGDU, None)]))
    assert not standing.is_whole(handler)
    assert all(standing.is_whole(scope) for scope in SCOPES.values())


def test_three_statements_count_everything_without_a_look_at_the_rows(engine: Engine, day: date) -> None:
    sent: list[str] = []
    with engine.connect() as conn:
        event.listen(conn, "before_cursor_execute", lambda _c, _k, said, given, *_: sent.append((said, given)))
        standing.standing(conn)
        assert len(sent) == 3
        for (said, given), index in zip(sent[:3], ("cases_lights", "tasks_in_hand", "cases_waiting"), strict=True):
            with conn.begin_nested() as tried:
                left_with(conn, index)
                plan = "\n".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN {said}", given))
                assert f"Index Only Scan using {index}" in plan
                tried.rollback()


def test_an_act_changes_the_stamp_of_what_is_kept(engine: Engine) -> None:
    hall = Hall(engine)
    with engine.connect() as conn:
        before = standing.newest(conn)
        assert standing.newest(conn) == before
    hall.open("green_channel")
    with engine.connect() as conn:
        assert standing.newest(conn) != before
