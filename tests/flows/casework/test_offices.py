"""The office that the applicant names: its own inbox, no other office's; words that name none are the department's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows import access
from flows.registry import matters
from forms.errors import NotFound
from forms.vocabulary import Department, Role
from infra.store import dossier
from infra.store import inbox as store
from infra.store.inbox import TaskFilter
from tests.kit.hall import Hall

DONGGE, LIYUAN = "pd-dongge-pcs", "pd-liyuan-pcs"
WHERE = "平度市公安局李园派出所"
STATION = Department.POLICE_STATION


def opened(hall: Hall, station: str) -> str:
    """A settlement whose applicant wrote `station`."""
    return hall.open("settlement", forms={"settlement": {"target_police_station": station}})["settlement"]


def corrected(hall: Hall, case: str, field: str, value: str) -> None:
    """Have a field of the form corrected in the way of a supplement that was asked for."""
    asking = hall.no(case, "eligibility")
    items = [{"code": f"form/{field}"}]
    hall.act(asking, "request-supplement", hall.speaker(asking), items=items, until=hall.day(5))
    hall.act(case, "supplement", hall.window, patch={"form": {field: value}})


def named_anew(hall: Hall, case: str, station: str) -> None:
    """Have the applicant's station corrected."""
    corrected(hall, case, "target_police_station", station)


def stations(hall: Hall, case: str) -> list[str | None]:
    """The stations of the examination and of the registration."""
    return [hall.task(case, step).office for step in ("address", "registration")]


def followed(hall: Hall, case: str) -> list[tuple[str, str]]:
    """The steps that went to another office without anybody's hand, and where."""
    return [(event.step, event.detail["to"]) for event in hall.events(case) if event.act == "follow-office"]


def inbox(hall: Hall, office: str | None) -> set[str]:
    """The cases in the inbox of a station's handler, or of the department's desk."""
    scope = access.scope(hall.actor(Role.HANDLER, STATION, office=office))
    with hall.engine.connect() as conn:
        rows = store.page(conn, scope, TaskFilter(today=hall.today), after=None, limit=200)
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
    named_anew(hall, case, LIYUAN)
    assert stations(hall, case) == [LIYUAN, LIYUAN]
    assert followed(hall, case) == [("address", WHERE), ("registration", WHERE)]
    assert case in inbox(hall, LIYUAN) and case not in inbox(hall, DONGGE)


def test_a_station_named_anew_has_nothing_of_what_another_has_claimed(hall: Hall) -> None:
    case = opened(hall, DONGGE)
    hall.act(hall.no(case, "address"), "claim", hall.actor(Role.HANDLER, STATION, office=DONGGE))
    named_anew(hall, case, LIYUAN)
    assert stations(hall, case) == [DONGGE, DONGGE], "whoever examines the address registers"
    hall.act(hall.no(case, "address"), "transfer", hall.actor(Role.HANDLER, STATION, office=DONGGE), office=LIYUAN)
    assert stations(hall, case) == [LIYUAN, LIYUAN]


def test_a_correction_of_something_else_leaves_a_task_where_it_was_moved(hall: Hall) -> None:
    case = opened(hall, DONGGE)
    station = hall.actor(Role.HANDLER, STATION, office=DONGGE)
    hall.act(hall.no(case, "address"), "transfer", station, office=LIYUAN)
    corrected(hall, case, "target_address", "平度市李园街道1号")
    assert stations(hall, case) == [LIYUAN, LIYUAN] and followed(hall, case) == [("registration", WHERE)]


def test_the_station_to_which_the_address_was_moved_registers_and_the_old_one_sees_the_case_no_more(
    hall: Hall,
) -> None:
    case = opened(hall, DONGGE)
    old, new = (hall.actor(Role.HANDLER, STATION, office=office) for office in (DONGGE, LIYUAN))
    hall.act(hall.no(case, "address"), "transfer", old, office=LIYUAN, reason="地址在李园辖区")
    assert stations(hall, case) == [LIYUAN, LIYUAN]
    assert followed(hall, case) == [("registration", WHERE)]
    with hall.engine.connect() as conn:
        assert dossier.case(conn, access.scope(old), case) is None
        assert dossier.case(conn, access.scope(new), case) is not None
    hall.finish(case)
    assert hall.task(case, "registration").officer_name == new.name


def test_the_station_to_which_a_returned_address_is_given_registers(hall: Hall) -> None:
    case = opened(hall, DONGGE)
    task = hall.no(case, "address")
    hall.act(task, "return", hall.actor(Role.HANDLER, STATION, office=DONGGE), reason="不在本辖区")
    hall.act(task, "dispatch", hall.coordinator(case), office=LIYUAN)
    assert stations(hall, case) == [LIYUAN, LIYUAN]


@pytest.mark.parametrize("claimed", [False, True])
def test_a_registration_that_lies_open_follows_unless_it_is_claimed(hall: Hall, claimed: bool) -> None:
    matter = matters()["settlement"]
    side_by_side = replace(matter, steps=[replace(step, after=[]) for step in matter.steps])
    form = {"settlement": {"target_police_station": DONGGE}}
    case = hall.receive(hall.body("settlement", forms=form), matters={"settlement": side_by_side}).cases[0]["no"]
    station = hall.actor(Role.HANDLER, STATION, office=DONGGE)
    registration = hall.no(case, "registration")
    assert hall.task(registration).status == "pending"
    if claimed:
        hall.act(registration, "claim", station)
    hall.later(hours=1)
    hall.act(hall.no(case, "address"), "transfer", station, office=LIYUAN)
    assert stations(hall, case) == [LIYUAN, DONGGE if claimed else LIYUAN]
    assert hall.task(registration).status == ("received" if claimed else "pending")
    if claimed:
        return
    assert case in inbox(hall, LIYUAN) and case not in inbox(hall, DONGGE)
    waiting = "SELECT started_at FROM limits WHERE subject = :no AND clock = 'response' AND ended_at IS NULL"
    assert [row.started_at for row in hall.rows(waiting, no=registration)] == [hall.now], "claimed in time from then on"
