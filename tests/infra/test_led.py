"""Whose matters they are: what a lead sees is what the own cases hold, be the matter the own alone or another's too."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, and_, or_, select

from forms.scope import EVERYTHING, Scope, Seat
from infra.clock import SHANGHAI
from infra.store import breaches, oversight
from infra.store.led import lead_of_matter, led
from infra.store.oversight import Wanted
from infra.store.work import CASES
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
