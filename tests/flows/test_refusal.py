"""What somebody is told who may not: whose it is, of which office, no more than the asker sees anyway."""

from __future__ import annotations

import pytest

from flows.access import Actor, may, may_speak
from flows.powers import ACTS
from forms.errors import NotAllowed
from forms.vocabulary import Role
from tests.flows.test_access import LEAD, OTHER, THERE, Case, Task, somebody


def said(actor: Actor, act: str, **where: object) -> NotAllowed:
    with pytest.raises(NotAllowed) as refused:
        may(actor, act, **where)  # type: ignore[arg-type]
    return refused.value


def test_the_lead_department_the_tasks_and_those_that_take_part_are_named() -> None:
    stranger = somebody(Role.AUDITOR)
    lead = said(stranger, "forward-case", case=Case())
    assert lead.detail == "您没有办理此项的权限，应由教育和体育局的牵头部门协调员办理。"
    assert (lead.facts["roles"], lead.facts["departments"]) == (["coordinator"], [LEAD])
    task = said(stranger, "claim", case=Case(), task=Task())
    assert task.detail == "您没有办理此项的权限，应由卫生健康局的承办人、审核人、批准人、首席事务代表办理。"
    assert task.facts["departments"] == [OTHER]
    assert "参与办理部门的承办人、审核人、批准人" in said(stranger, "add-task", case=Case(), seats=[Task()]).detail
    assert said(stranger, "administer").detail == "您没有办理此项的权限，应由系统管理员办理。"
    assert said(stranger, "read-traces", region="000000").detail == "您没有查看此项的权限，应由办件所在区划的审计查看。"


def test_who_has_the_role_elsewhere_hears_that_it_is_the_places_own() -> None:
    assert said(somebody(Role.WINDOW, region=THERE), "accept", case=Case()).detail.endswith(
        "应由办件所在区划的综合窗口办理。"
    )
    assert said(somebody(Role.HANDLER), "accept", case=Case()).detail.endswith("应由综合窗口办理。")


@pytest.mark.parametrize("act", sorted(ACTS))
def test_every_act_says_whose_it_is(act: str) -> None:
    told = said(Actor(7, "无"), act, case=Case(), task=Task(), seats=[Task()]).detail
    assert all(role.label in told for role, _ in ACTS[act])


def test_a_level_names_office_and_role() -> None:
    with pytest.raises(NotAllowed) as refused:
        may_speak(somebody(Role.HANDLER), Task(level=2, levels=2))
    assert refused.value.detail == "此环节应由卫生健康局的批准人、首席事务代表办理。"
    assert refused.value.facts["departments"] == [OTHER]
