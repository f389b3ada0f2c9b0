"""What is looked for in the inbox by a number's beginning: found whichever way leads there, be it one task or many."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from sqlalchemy import Engine, event, select

from flows import access
from forms.scope import Scope
from infra.store import inbox, walk
from infra.store.inbox import TaskFilter
from infra.store.lights import LIGHTS, shows
from infra.store.work import TASKS
from tests.kit.hall import LAIXI, PINGDU, Hall

SEATS = {
    "a handler": [("handler", "human_resources", PINGDU, None)],
    "a handler everywhere": [("handler", "human_resources", "*", None)],
    "a handler elsewhere": [("handler", "human_resources", LAIXI, None)],
    "a lead who handles": [
        ("coordinator", "public_security", PINGDU, None),
        ("handler", "talent_centre", PINGDU, None),
    ],
}


@pytest.fixture(scope="module")
def offices(engine: Engine) -> dict[str, Scope]:
    """Cases of several matters, and who looks for their tasks."""
    hall = Hall(engine)
    for codes in (("settlement",), ("settlement", "subsidy"), ("settlement",)):
        made = hall.open(*codes)
    task = hall.no(made["settlement"], "eligibility")
    hall.act(task, "return", hall.speaker(task), reason="不属于本部门")
    hall.finish(hall.open("green_channel")["green_channel"])
    return {name: access.scope(access.officer(1, "某人", seats)) for name, seats in SEATS.items()}


@pytest.mark.parametrize("few", [walk.FEW, 0])
@pytest.mark.parametrize("who", SEATS)
def test_tasks_are_found_by_the_beginning_of_their_number(
    engine: Engine, offices: dict[str, Scope], monkeypatch: pytest.MonkeyPatch, who: str, few: int
) -> None:
    monkeypatch.setattr(inbox, "few", partial(walk.few, most=few))
    with engine.connect() as conn:
        mine = [row.task for row in inbox.page(conn, offices[who], TaskFilter(), limit=500)]
        assert bool(mine) == (who != "a handler elsewhere")
        whole = mine[0].no if mine else "RC-370283-20260918-000001-A-1B-01C"
        for text in (
            whole,
            whole.lower(),
            whole[:-4],
            whole[:20],
            "RC-",
            f"rc-{PINGDU}",
            f"RC-{LAIXI}-2026",
            "RC-3702",
        ):
            expected = [task.no for task in mine if task.no.startswith(text.upper())]
            found = inbox.page(conn, offices[who], TaskFilter(text=text), limit=500)
            assert [row.task.no for row in found] == expected
            assert sum(inbox.lights(conn, offices[who], TaskFilter(text=text)).values()) == len(expected)


@pytest.mark.parametrize("shown", LIGHTS)
def test_what_is_decided_shows_no_light_and_nothing_is_asked(
    engine: Engine, offices: dict[str, Scope], shown: str
) -> None:
    sent: list[str] = []
    with engine.connect() as conn:
        decided = select(TASKS.c.id).where(
            TASKS.c.status.in_(("approved", "refused", "forwarded")), shows(TASKS, shown, date(2026, 9, 18))
        )
        assert conn.execute(decided).first() is None
        event.listen(conn, "before_cursor_execute", lambda _c, _k, said, *_: sent.append(said))
        wanted = TaskFilter(decided=True, light=shown, today=date(2026, 9, 18))
        assert inbox.page(conn, offices["a handler"], wanted) == []
    assert sent == []
