"""The counter's lists: the most urgent first, page after page, and nothing from behind the walls."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, Engine, text

from forms.scope import NOTHING, Scope
from infra.store import counter
from tests.kit.hall import LAIXI, PINGDU, Hall

HERE, THERE = Scope(regions=frozenset({PINGDU})), Scope(regions=frozenset({LAIXI}))


def _pages(conn: Connection, statuses: tuple[str, ...], size: int) -> list[str]:
    found: list[str] = []
    after = None
    while rows := counter.waiting(conn, HERE, statuses, regions=[PINGDU], after=after, limit=size):
        found += [case.no for case, _ in rows]
        due, key = counter.place(rows[-1][0])
        after = (date.fromisoformat(due), key)
    return found


def test_what_waits_is_listed_once_by_its_due_day_and_what_no_clock_runs_for_comes_last(engine: Engine) -> None:
    hall = Hall(engine)
    numbers = [hall.open("green_channel", accept=False)["green_channel"] for _ in range(7)]
    days = ["2026-09-25", None, "2026-09-21", "2026-09-25", None, "2026-10-08", "2026-09-21"]
    due = dict(zip(numbers, days, strict=True))
    with engine.begin() as conn:
        for no, day in due.items():
            conn.execute(text("UPDATE cases SET due_on = :day WHERE no = :no"), {"day": day, "no": no})
    wanted = sorted(numbers, key=lambda no: (due[no] or "9999", numbers.index(no)))
    with engine.connect() as conn:
        for size in (1, 2, 3, 50):
            assert _pages(conn, ("submitted", "closed_ok"), size) == wanted
        assert counter.count(conn, HERE, ["submitted"], regions=[PINGDU]) == len(numbers)


def test_another_region_and_an_empty_scope_list_and_count_nothing(engine: Engine) -> None:
    Hall(engine).open("green_channel", accept=False)
    with engine.connect() as conn:
        for scope in (THERE, NOTHING):
            assert counter.waiting(conn, scope, ["submitted"], regions=[PINGDU, LAIXI]) == []
            assert counter.count(conn, scope, ["submitted"], regions=[PINGDU, LAIXI]) == 0


def test_the_last_four_of_a_number_find_its_applications_within_the_walls(engine: Engine) -> None:
    hall = Hall(engine)
    body = hall.body("green_channel", accept=False)
    no = hall.receive(body).no
    tail = body["applicant"]["id_number"][-4:]
    with engine.connect() as conn:
        assert no in [row["no"] for row in counter.found(conn, HERE, tail=tail)]
        assert counter.found(conn, THERE, tail=tail) == [] == counter.found(conn, HERE)
        conn.execute(text("SET LOCAL enable_seqscan = off"))
        plan = conn.execute(
            text("EXPLAIN SELECT id FROM applications WHERE \"right\"(head ->> 'id_number', 4) = '0006'")
        ).scalars()
        assert "applications_tail" in "\n".join(plan)
