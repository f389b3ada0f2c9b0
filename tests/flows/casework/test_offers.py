"""What a page offers is what the verbs would do: no button that is refused, none that is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flows.access import Actor
from flows.casework import acts
from flows.desks import desk
from flows.offers import Standing, on_case, on_task, speaks
from flows.projection import local_day
from forms.errors import Conflict, Invalid, NotAllowed, NotFound
from forms.messages import CASE_ACT, TASK_ACT
from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from infra.store import dossier, papers, work
from infra.store.rows import TaskRow
from tests.kit.hall import REFUSAL, Hall

ON_TASK = {
    "claim": {}, "release": {}, "approve": {}, "refuse": REFUSAL, "return": {"reason": "误派"}, "dispatch": {},
    "transfer": {"officer": "?"}, "send-back": {"reason": "不清"}, "retract": {}, "recheck": {}, "resume": {},
    "forward": {"department": "青岛市", "reason": "属上级权限"},
    "suspend": {"kind": "site_check", "ground": "现场勘验"}, "urge": {},
    "hand-over": {"officer": "?", "reason": "出差"},
    "request-supplement": {"items": [{"code": "id_card"}]},
}  # fmt: skip
ON_CASE = {
    "suspend": {"kind": "tender", "ground": "行政许可法 第45条", "until": "2027-06-30"}, "resume": {}, "lapse": {},
    "void": {"reason": "有误"},
    "forward": {"department": "青岛市", "reason": "属上级权限"}, "reopen": {"reason": "复议"},
    "add-task": {"department": "health", "reason": "请核验"}, "urge": {},
    "copy": {"department": "public_security", "reason": "知悉"},
}  # fmt: skip


class _Undone(Exception):
    """Nothing of a try is kept."""


def _does(hall: Hall, who: Actor, no: str, act: str, fields: dict[str, object], *, task: bool) -> bool:
    wire = {"act": act, **fields}
    if act == "request-supplement":
        wire["until"] = hall.day(10)
    if act in ("transfer", "hand-over"):
        row = hall.task(no)
        wire["officer"] = next(
            (
                one.username
                for one in hall.officers
                if one.id not in (who.id, row.officer_id, *row.signers) and speaks(one, row)
            ),
            "nobody",
        )
    try:
        with desk(who, now=hall.now, terminal="test", engine=hall.engine) as seat:
            if task:
                acts.act_on_task(seat, no, TASK_ACT.validate_python(wire))
            else:
                acts.act_on_case(seat, no, CASE_ACT.validate_python(wire))
            raise _Undone
    except _Undone:
        return True
    except Invalid:
        return act in ("transfer", "hand-over")  # there is no colleague to give it to
    except (Conflict, NotAllowed, NotFound):
        return False


def _standing(hall: Hall, case_no: str, who: Actor) -> Standing:
    from forms.scope import EVERYTHING

    with hall.engine.connect() as conn:
        case = dossier.case(conn, EVERYTHING, case_no)
        assert case is not None
        family = work.cases_of(conn, case.application_id)
        return Standing(
            case, work.tasks_of(conn, case.id), papers.open_pauses(conn, case.id), papers.supplements_of(conn, case.id),
            local_day(hall.now), reopened=any(one.reopens == case.id for one in family),
        )  # fmt: skip


def _concerns(who: Actor, task: TaskRow) -> bool:
    return who.has(R.COORDINATOR, R.MANAGER) or any(member.department == task.department for member in who.members)


def _new(hall: Hall, no: str) -> None:
    """The case stands as it was opened."""


def _claimed(hall: Hall, no: str) -> None:
    hall.act(hall.no(no, "eligibility"), "claim", hall.actor(R.HANDLER, D.HUMAN_RESOURCES))


def _returned(hall: Hall, no: str) -> None:
    hall.act(hall.no(no, "eligibility"), "return", hall.actor(R.HANDLER, D.HUMAN_RESOURCES), reason="误派")


def _paused(hall: Hall, no: str) -> None:
    handler = hall.actor(R.HANDLER, D.HUMAN_RESOURCES)
    hall.act(
        hall.no(no, "eligibility"), "suspend", handler, kind="hearing", ground="行政许可法 第46条", until=hall.day(20)
    )


def _asked(hall: Hall, no: str) -> None:
    handler = hall.actor(R.HANDLER, D.HUMAN_RESOURCES)
    hall.act(hall.no(no, "eligibility"), "request-supplement", handler, items=[{"code": "id_card"}], until=hall.day(5))


def _late(hall: Hall, no: str) -> None:
    _asked(hall, no)
    hall.later(days=20)


def _decided(hall: Hall, no: str) -> None:
    hall.act(hall.no(no, "eligibility"), "approve", hall.actor(R.HANDLER, D.HUMAN_RESOURCES))


def _at_level_two(hall: Hall, no: str) -> None:
    hall.finish(no, but=("approval",))
    hall.act(hall.no(no, "approval"), "approve", hall.actor(R.HANDLER, D.PUBLIC_SECURITY))


def _over(hall: Hall, no: str) -> None:
    hall.finish(no)


@pytest.mark.parametrize(
    "scene",
    [_new, _claimed, _returned, _paused, _asked, _late, _decided, _at_level_two, _over],
    ids=lambda f: f.__name__,
)
def test_an_act_is_offered_exactly_where_its_verb_would_do_it(hall: Hall, scene: Callable[[Hall, str], None]) -> None:
    no = hall.open("settlement")["settlement"]
    scene(hall, no)
    people = [
        hall.actor(R.HANDLER, D.HUMAN_RESOURCES), hall.actor(R.HANDLER, D.HUMAN_RESOURCES, nth=1),
        hall.actor(R.HANDLER, D.PUBLIC_SECURITY),
        hall.actor(R.APPROVER, D.PUBLIC_SECURITY), hall.actor(R.COORDINATOR, D.PUBLIC_SECURITY), hall.manager,
    ]  # fmt: skip
    for who in people:
        stands = _standing(hall, no, who)
        for task in stands.tasks:
            if task.step not in ("eligibility", "approval") or not _concerns(who, task):
                continue
            offered = set(on_task(who, stands, task)) & ON_TASK.keys()
            done = {act for act, fields in ON_TASK.items() if _does(hall, who, task.no, act, fields, task=True)}
            assert offered == done, (who.username, task.step)
        offered = set(on_case(who, stands)) & ON_CASE.keys()
        done = {act for act, fields in ON_CASE.items() if _does(hall, who, no, act, fields, task=False)}
        assert offered == done, who.username
