"""The office that the applicant names: its own inbox, no other office's; words that name none are the department's."""

from __future__ import annotations

import pytest

from flows import access
from forms.errors import NotFound
from forms.vocabulary import Department, Role
from infra.store import lists
from infra.store.lists import TaskFilter
from tests.kit.hall import Hall

DONGGE, LIYUAN = "pd-dongge-pcs", "pd-liyuan-pcs"
STATION = Department.POLICE_STATION


def opened(hall: Hall, station: str) -> str:
    """A settlement whose applicant wrote `station`."""
    return hall.open("settlement", forms={"settlement": {"target_police_station": station}})["settlement"]


def inbox(hall: Hall, office: str | None) -> set[str]:
    """The cases in the inbox of a station's handler, or of the department's desk."""
    scope = access.scope(hall.actor(Role.HANDLER, STATION, office=office))
    with hall.engine.connect() as conn:
        rows = lists.inbox(conn, scope, TaskFilter(today=hall.today), after=None, limit=200)
    return {row.task.case_no for row in rows}


@pytest.mark.parametrize("named", ["平度市公安局李园派出所", LIYUAN])
def test_the_station_that_was_named_has_the_task_and_no_other_sees_it(hall: Hall, named: str) -> None:
    case = opened(hall, named)
    task = hall.task(case, "address")
    assert task.office == LIYUAN
    assert case in inbox(hall, LIYUAN) and case in inbox(hall, None) and case not in inbox(hall, DONGGE)
    with pytest.raises(NotFound):
        hall.act(task.no, "claim", hall.actor(Role.HANDLER, STATION, office=DONGGE))
    hall.finish(case)
    assert hall.case(case).status == "closed_ok"
    decided = {t.step: t.officer_name for t in hall.tasks(case)}
    assert decided["registration"] == hall.actor(Role.HANDLER, STATION, office=LIYUAN).name


def test_words_that_name_no_station_leave_it_to_the_desk_which_may_pass_it_on(hall: Hall) -> None:
    case = opened(hall, "村里的派出所")
    task = hall.task(case, "address")
    assert task.office is None
    assert case in inbox(hall, None) and case not in inbox(hall, DONGGE) | inbox(hall, LIYUAN)
    hall.act(task.no, "transfer", hall.actor(Role.HANDLER, STATION), office=DONGGE)
    assert case in inbox(hall, DONGGE)


def test_a_station_named_anew_has_what_nobody_has_claimed(hall: Hall) -> None:
    case = opened(hall, DONGGE)
    station = hall.actor(Role.HANDLER, STATION, office=DONGGE)
    hall.act(hall.no(case, "address"), "claim", station)
    asking = hall.no(case, "eligibility")
    items = [{"code": "form/target_police_station"}]
    hall.act(asking, "request-supplement", hall.speaker(asking), items=items, until=hall.day(5))
    hall.act(case, "supplement", hall.window, patch={"form": {"target_police_station": LIYUAN}})
    assert [hall.task(case, step).office for step in ("address", "registration")] == [DONGGE, LIYUAN]
    followed = [(event.step, event.detail["to"]) for event in hall.events(case) if event.act == "follow-office"]
    assert followed == [("registration", LIYUAN)]
