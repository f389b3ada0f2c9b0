"""The bounded walk: an office finds exactly its own cases, however few a page looks at, and pays for no more."""

from __future__ import annotations

from functools import partial
from itertools import product

import pytest
from sqlalchemy import Engine, event, select, true

from flows import access
from forms.scope import EVERYTHING, Scope, Seat
from infra.store import counter, lists
from infra.store import walk as module
from infra.store.lists import ALIKE, CaseFilter
from infra.store.scoped import applications_within, cases_within
from infra.store.walk import FEW, LOOKED_AT, walk, walks
from infra.store.work import APPLICATIONS, CASES
from tests.kit.hall import PINGDU, Hall

SEATS = {
    "a handler": [("handler", "human_resources", PINGDU, None)],
    "a handler elsewhere": [("handler", "human_resources", "370285", None)],
    "two seats": [("handler", "education", PINGDU, None), ("handler", "health", PINGDU, None)],
    "a school": [("handler", "school", PINGDU, "pd-shiyan-xx")],
    "a lead who handles": [("coordinator", "education", PINGDU, None), ("handler", "finance", PINGDU, None)],
}
FILTERS = (
    CaseFilter(), CaseFilter(matter="settlement"), CaseFilter(status="in_progress"), CaseFilter(department="education"),
    CaseFilter(department="police_station"), CaseFilter(department="housing", matter="settlement"),
)  # fmt: skip


@pytest.fixture(scope="module")
def offices(engine: Engine) -> dict[str, Scope]:
    """Cases of several matters, and who looks for them."""
    hall = Hall(engine)
    for codes in (("settlement",), ("schooling", "settlement"), ("subsidy",), ("green_channel",), ("settlement",)):
        hall.open(*codes)
    return {name: access.scope(access.officer(1, "某人", seats)) for name, seats in SEATS.items()}


@pytest.mark.parametrize("who", SEATS)
@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_page_after_page_an_office_finds_what_its_walls_hold_and_nothing_else(
    engine: Engine, offices: dict[str, Scope], who: str, wanted: CaseFilter
) -> None:
    scope = offices[who]
    assert walks(scope)
    with engine.connect() as conn:
        meets = lists._meets(wanted) & lists.or_(*lists._of_department(wanted.department))
        held = conn.execute(CASES.select().where(cases_within(scope), meets).order_by(CASES.c.id.desc())).scalars()
        expected = list(held)
        for size, looked_at in ((1, (1,)), (2, (1, 2)), (50, LOOKED_AT)):
            found, after = [], None
            while True:
                page = walk(
                    conn, scope, meets, matter=wanted.matter, department=wanted.department, after=after, limit=size,
                    looked_at=looked_at,
                )  # fmt: skip
                found += [case.id for case, _ in page.rows]
                if page.next is None:
                    break
                assert after is None or page.next < after
                after = page.next
            assert found == expected


def test_a_page_looks_at_so_many_cases_and_says_where_the_next_goes_on(
    engine: Engine, offices: dict[str, Scope]
) -> None:
    scope = offices["a handler"]
    with engine.connect() as conn:
        page = walk(
            conn, scope, CASES.c.status == "void", matter=None, department=None, after=None, limit=50, looked_at=(1, 1)
        )
        assert page.rows == []
        assert page.next is not None


def test_with_whom_an_office_shares_no_matter_is_known_at_once(engine: Engine, offices: dict[str, Scope]) -> None:
    sent: list[str] = []
    with engine.connect() as conn:
        event.listen(conn, "before_cursor_execute", lambda _c, _k, said, *_: sent.append(said))
        found = lists.cases(conn, offices["a school"], CaseFilter(department="finance"))
    assert (found.rows, found.next) == ([], None)
    assert len(sent) == 1


def test_an_office_without_any_task_has_no_applications_at_once(engine: Engine, offices: dict[str, Scope]) -> None:
    sent: list[str] = []
    with engine.connect() as conn:
        event.listen(conn, "before_cursor_execute", lambda _c, _k, said, *_: sent.append(said))
        assert lists.applications(conn, Scope(seats=frozenset({Seat("nobody", PINGDU)}))) == []
        assert len(sent) == 1
        assert lists.applications(conn, offices["a handler"])


def test_the_walk_and_the_walls_are_led_by_their_indexes(engine: Engine, offices: dict[str, Scope]) -> None:
    sent: list[tuple[str, object]] = []
    with engine.connect() as conn:
        event.listen(conn, "before_cursor_execute", lambda _c, _k, said, given, *_: sent.append((said, given)))
        walk(conn, offices["a handler"], true(), matter="settlement", department=None, after=None, limit=2)
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        said, given = sent[1]
        plan = "\n".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN {said}", given))
        assert "Index Only Scan Backward using tasks_involved" in plan or "Index Only Scan using tasks_involved" in plan
        assert len(sent) <= 2 + len(LOOKED_AT)


@pytest.mark.parametrize("department", [None, "education", "human_resources", "police_station"])
def test_leafing_through_a_district_shows_every_case_of_a_department_once(
    engine: Engine, offices: dict[str, Scope], department: str | None
) -> None:
    scope, wanted = Scope(regions=frozenset({PINGDU})), CaseFilter(department=department)
    with engine.connect() as conn:
        meets = lists.or_(*lists._of_department(department))
        expected = list(conn.execute(CASES.select().where(meets).order_by(CASES.c.id.desc())).scalars())
        assert expected
        found: list[int] = []
        after: list[int] | None = None
        while True:
            page = lists.cases(conn, scope, wanted, after=after, limit=2)
            found += [case.id for case, _ in page.rows]
            if page.next is None:
                break
            after = [page.next]
        assert found == expected


@pytest.mark.parametrize("few", [(20_000, 5_000, (400,)), (0, 0, (1, 2)), (0, 3, (1, 3)), (0, 1, (1,) * 99)])
def test_the_beginning_of_a_number_finds_cases_and_applications_be_they_few_or_many(
    engine: Engine, offices: dict[str, Scope], monkeypatch: pytest.MonkeyPatch, few: tuple[int, int, tuple[int, ...]]
) -> None:
    for name, value in zip(("NUMBERED", "NEAR", "BATCHES"), few, strict=True):
        monkeypatch.setattr(module, name, value)
    scope = Scope(regions=frozenset({PINGDU}))
    with engine.connect() as conn:
        cases = conn.execute(CASES.select().order_by(CASES.c.id.desc())).all()
        no = str(cases[0].no)
        for text in (no, no.lower(), no[:-2], no[:20], "RC-"):
            found = [case.no for case, _ in lists.cases(conn, scope, CaseFilter(text=text)).rows]
            assert found == [case.no for case in cases if case.no.startswith(text.upper())]
            begins = text.upper()[:25]
            applications = [row["no"] for row in lists.applications(conn, scope, q=begins)]
            assert applications == [row["no"] for row in counter.found(conn, scope, no=begins)]
            assert set(applications) == {str(case.no)[:-3] for case in cases if str(case.no)[:-3].startswith(begins)}
        found, after = [], None
        while True:
            page = lists.cases(conn, scope, CaseFilter(text=no[:20]), after=after, limit=2)
            found += [case.no for case, _ in page.rows]
            if page.next is None:
                break
            after = [page.next]
        assert found == [case.no for case in cases if case.no.startswith(no[:20])]
        assert lists.cases(conn, scope, CaseFilter(text="RC-370283-2031")).rows == []
        handler = offices["a handler"]
        seen = [case.no for case, _ in lists.cases(conn, handler, CaseFilter(text=no[:20])).rows]
        assert seen == [
            case.no for case in conn.execute(CASES.select().where(cases_within(handler)).order_by(CASES.c.id.desc()))
        ]
        assert counter.found(conn, scope, no="RC-370283-2031") == []


@pytest.mark.parametrize("few", [FEW, 0])
def test_applications_are_found_by_what_stands_at_their_cases(
    engine: Engine, offices: dict[str, Scope], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(lists, "few", partial(module.few, most=few))
    monkeypatch.setattr(lists, "are_few", partial(module.are_few, most=few))
    with engine.connect() as conn:
        for scope in (EVERYTHING, Scope(regions=frozenset({PINGDU})), *offices.values()):
            everything = lists.applications(conn, scope, limit=500)
            held = select(APPLICATIONS.c.no).where(applications_within(scope)).order_by(APPLICATIONS.c.id.desc())
            assert [row["no"] for row in everything] == list(conn.execute(held).scalars())
            for status in ("in_progress", "closed_ok", *ALIKE):
                found = lists.applications(conn, scope, status=status, limit=500)
                assert [row["no"] for row in found] == [row["no"] for row in everything if row["status"] == status]


def test_few_cases_lead_to_their_applications(engine: Engine, offices: dict[str, Scope]) -> None:
    sent: list[tuple[str, object]] = []
    with engine.connect() as conn:
        event.listen(conn, "before_cursor_execute", lambda _c, _k, said, given, *_: sent.append((said, given)))
        lists.applications(conn, offices["a handler"], status="void")
        said, given = sent[-1]
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = "\n".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN {said}", given))
    assert "using cases_status" in plan
    assert "using applications_pkey" in plan


@pytest.mark.parametrize("few", [FEW, 0])
@pytest.mark.parametrize("department", ["education", "human_resources", "police_station", "housing"])
def test_a_district_finds_the_cases_of_a_status_and_a_department_be_they_few_or_many(
    engine: Engine, offices: dict[str, Scope], monkeypatch: pytest.MonkeyPatch, department: str, few: int
) -> None:
    monkeypatch.setattr(lists, "keys_of_few", partial(module.keys_of_few, most=few))
    scope, met = Scope(regions=frozenset({PINGDU})), 0
    with engine.connect() as conn:
        for status, matter in product((None, "in_progress", "submitted", "withdrawn"), (None, "schooling", "subsidy")):
            wanted = CaseFilter(status=status, matter=matter, department=department)
            meets = lists._meets(wanted) & lists.or_(*lists._of_department(department))
            expected = conn.execute(select(CASES.c.id).where(cases_within(scope), meets).order_by(CASES.c.id.desc()))
            found = [case.id for case, _ in lists.cases(conn, scope, wanted, limit=500).rows]
            assert found == list(expected.scalars())
            met += len(found)
    assert met or department == "housing"
