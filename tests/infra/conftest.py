"""What several tests of the store look at."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from tests.kit.hall import LAIXI, Hall


@pytest.fixture(scope="module")
def day(engine: Engine) -> date:
    """Cases of four matters in every light; one is not delivered, one waits to be accepted, one lies elsewhere."""
    hall = Hall(engine)
    cases = [hall.open("settlement", "schooling", "subsidy") for _ in range(6)]
    hall.open("green_channel", accept=False)
    hall.finish(hall.open("settlement")["settlement"])
    hall.act(
        hall.no(cases[0]["settlement"], "eligibility"),
        "claim",
        hall.speaker(hall.no(cases[0]["settlement"], "eligibility")),
    )
    with engine.begin() as conn:
        for table in ("cases", "tasks"):
            conn.execute(
                text(f"UPDATE {table} SET due_on = due_on - id::int % 60, amber_on = amber_on - id::int % 60,"
                     " yellow_on = yellow_on - id::int % 60, red_on = red_on - id::int % 60, stopped = id % 7 = 0")
            )  # fmt: skip
        elsewhere = "SELECT max(id) FROM cases WHERE matter = 'schooling'"
        conn.execute(text(f"UPDATE cases SET region = '{LAIXI}' WHERE id = ({elsewhere})"))
        # one matter has two leads
        conn.execute(text("UPDATE cases SET lead = 'education' WHERE id = (SELECT min(id) FROM cases)"))
        for table in ("tasks", "limits"):
            conn.execute(text(f"UPDATE {table} SET region = '{LAIXI}' WHERE case_id = ({elsewhere})"))
    return hall.today + timedelta(days=3)
