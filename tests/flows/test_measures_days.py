"""Measures of days: what was saved against the law's limit, and what was done on the spot."""

from __future__ import annotations

from datetime import date
from typing import Any

from flows import access
from flows.measures import measure
from tests.kit.clocked import HOSTEL, at, clocked_matters
from tests.kit.hall import Hall


def by_matter(hall: Hall) -> dict[str, Any]:
    """Return the measures of September by matter."""
    scope = access.scope(hall.manager)
    with hall.engine.connect() as conn:
        found = measure(conn, scope, date(2026, 9, 1), date(2026, 9, 30), hall.now, by="matter")
    return {row["cut"]: row for row in found["items"]}


def test_days_saved_against_the_law_and_what_was_done_on_the_spot(hall: Hall) -> None:
    with clocked_matters():
        at(hall, date(2026, 9, 14))
        body = hall.body("hostel", forms=HOSTEL)
        no = hall.receive(body).cases[0]["no"]
        instant = hall.open("settlement")["settlement"]
        hall.finish(instant)
        at(hall, date(2026, 9, 17))
        hall.finish(no)
        by_law = next(x["days"] for x in hall.case(no).plan["limits"] if x["kind"] == "statutory")
        rows = by_matter(hall)
    assert rows["hostel"]["compression"] == round(1 - 3 / by_law, 4)
    assert rows["settlement"]["compression"] is None, "no law limits it"
    assert rows["settlement"]["instant_share"] == 1.0 and rows["hostel"]["instant_share"] == 0.0
