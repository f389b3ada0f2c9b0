"""Several acts in one request: each is done or refused by itself, once under its key, within the walls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import HR, POLICE, officer
from tests.kit.hall import REFUSAL

TASKS, CASES = "/api/v1/tasks/acts", "/api/v1/cases/acts"
MANAGER = officer(R.MANAGER, D.SUPERVISION)


@pytest.fixture
def tasks(hall) -> list[str]:
    """Three eligibility tasks in one inbox, of three applications."""
    return [hall.no(hall.open("settlement")["settlement"], "eligibility") for _ in range(3)]


def done(answer: Any) -> list[tuple[int, str | None]]:
    assert answer.status_code == 200, answer.text
    return [(one["status"], one["code"]) for one in answer.json()["items"]]


def test_a_pile_is_claimed_and_decided_with_a_result_for_each(sign_in, hall, tasks) -> None:
    claims = [{"no": no, "act": "claim"} for no in reversed(tasks)]
    answer = sign_in(HR).post(TASKS, {"items": claims})
    assert done(answer) == [(200, None)] * 3
    assert [one["no"] for one in answer.json()["items"]] == list(reversed(tasks))
    assert {one["row"]["status"] for one in answer.json()["items"]} == {"received"}
    verdicts = [
        {"no": tasks[0], "act": "approve"},
        {"no": tasks[1], "act": "refuse", **REFUSAL},
        {"no": tasks[2], "act": "refuse"},
        {"no": tasks[2], "act": "approve"},
        {"no": tasks[2], "act": "dance"},
        {"act": "approve"},
    ]
    answer = sign_in(HR).post(TASKS, {"items": verdicts})
    assert done(answer) == [
        (200, None), (200, None), (422, "invalid"), (200, None), (422, "invalid"), (422, "invalid"),
    ]  # fmt: skip
    shown = answer.json()["items"]
    assert shown[1]["row"]["case_row"]["status"] == "closed_refused"
    assert {error["field"] for error in shown[2]["errors"]} == {"/reason_code", "/reason", "/basis"}
    assert [hall.task(no).status for no in tasks] == ["approved", "refused", "approved"]


def test_a_refused_act_leaves_nothing_and_the_others_stand(sign_in, hall, tasks) -> None:
    hall.act(tasks[1], "claim", hall.colleague(tasks[1]))
    before = hall.case(tasks[1].rpartition("-")[0])
    answer = sign_in(HR).post(TASKS, {"items": [{"no": no, "act": "approve"} for no in tasks]})
    assert done(answer) == [(200, None), (409, "held"), (200, None)]
    held = answer.json()["items"][1]
    assert held["by"] == hall.colleague(tasks[1]).name and held["by"] in held["detail"]
    assert held["meanwhile"]["act"] == "claim"
    assert hall.case(tasks[1].rpartition("-")[0]) == before


def test_the_walls_stand_around_each_item(sign_in, hall, tasks) -> None:
    items = [{"no": tasks[0], "act": "approve"}, {"no": tasks[0][:-1] + "?", "act": "approve"}]
    assert done(sign_in(POLICE).post(TASKS, {"items": items})) == [(404, "not_found"), (404, "not_found")]
    window = sign_in(officer(R.WINDOW, D.WINDOW))
    assert done(window.post(TASKS, {"items": items[:1]})) == [(403, "not_allowed")]
    assert hall.task(tasks[0]).status == "pending"


def test_the_same_key_is_one_pile_of_acts(sign_in, hall, tasks) -> None:
    body, key = {"items": [{"no": no, "act": "claim"} for no in tasks]}, {"Idempotency-Key": f"pile-{tasks[0]}"}
    first = sign_in(HR).post(TASKS, body, headers=key)
    again = sign_in(HR).post(TASKS, body, headers=key)
    assert again.content == first.content and again.headers["idempotency-replayed"] == "true"
    assert done(again) == [(200, None)] * 3
    other = sign_in(HR).post(TASKS, {"items": body["items"][:1]}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert hall.acts(tasks[0].rpartition("-")[0]).count("claim") == 1


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": "x"}, {"items": [1]}, {"items": [{}] * 101}])
def test_a_pile_that_is_none_is_refused_as_a_whole(sign_in, body: dict[str, Any]) -> None:
    assert sign_in(HR).post(TASKS, body).status_code == 422


def test_two_piles_over_the_same_tasks_never_wait_in_a_ring(sign_in, hall) -> None:
    nos = [hall.no(hall.open("settlement")["settlement"], "eligibility") for _ in range(6)]
    orders = [nos, list(reversed(nos)), nos[3:] + nos[:3]]
    who = sign_in(HR)

    def claim(order: list[str]) -> Any:
        return who.post(TASKS, {"items": [{"no": no, "act": "claim"} for no in order]})

    with ThreadPoolExecutor(3) as pool:
        results = [entry for answer in pool.map(claim, orders) for entry in done(answer)]
    assert sorted(results, key=str) == [(200, None)] * 6 + [(409, "already_yours")] * 12


def test_a_manager_urges_many_cases_and_proposes_extensions(sign_in, hall) -> None:
    nos = [hall.open("settlement")["settlement"] for _ in range(2)]
    urges = [{"no": no, "act": "urge", "reason": "请抓紧"} for no in nos]
    assert done(sign_in(MANAGER).post(CASES, {"items": urges})) == [(200, None)] * 2
    assert done(sign_in(MANAGER).post(CASES, {"items": urges[:1]})) == [(409, "already_urged")]
    proposal = {"act": "propose-extension", "kind": "government", "days": 5, "reason": "疑难"}
    answer = sign_in(MANAGER).post(CASES, {"items": [{"no": no, **proposal} for no in nos]})
    assert {status for status, _ in done(answer)} <= {200, 409}
    assert done(sign_in(MANAGER).post(CASES, {"items": [{"no": nos[0], "act": "void", "reason": "x"}]})) == [
        (422, "invalid")
    ]
    assert done(sign_in(HR).post(CASES, {"items": urges[:1]})) == [(403, "not_allowed")]


WHO = ("applicant", "matter", "matter_title", "title")


def who(answer: Any) -> list[tuple[str | None, ...]]:
    return [tuple(one[name] for name in WHO) for one in answer.json()["items"]]


def test_every_result_names_the_applicant_and_the_matter_whatever_became_of_it(sign_in, hall, tasks) -> None:
    cases = [no.rpartition("-")[0] for no in tasks]
    names = [hall.application(case.rpartition("-")[0]).name for case in cases]
    assert len(set(names)) == len(names)
    hall.act(tasks[1], "claim", hall.colleague(tasks[1]))
    answer = sign_in(HR).post(TASKS, {"items": [{"no": no, "act": "approve"} for no in tasks[:2]]})
    assert done(answer) == [(200, None), (409, "held")]
    assert who(answer) == [(name, "settlement", "人才落户", "资格核验") for name in names[:2]]
    answer = sign_in(MANAGER).post(CASES, {"items": [{"no": cases[2], "act": "urge"}, {"no": cases[0], "act": "sing"}]})
    assert done(answer) == [(200, None), (422, "invalid")]
    assert who(answer) == [(names[2], "settlement", "人才落户", "人才落户"), (names[0], *who(answer)[0][1:])]


def test_of_what_lies_behind_the_walls_nothing_is_named(sign_in, hall, tasks) -> None:
    items = [{"no": no, "act": "approve"} for no in (tasks[0], "RC-1", "x" * 300)] + [{"act": "approve"}]
    answer = sign_in(officer(R.HANDLER, D.HEALTH)).post(TASKS, {"items": items})
    assert {status for status, _ in done(answer)} <= {404, 422}
    assert who(answer) == [(None,) * 4] * 4


def problem(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("common", "fields"),
    [
        ({"act": "hand-over"}, {"/common/officer": "required", "/common/reason": "required"}),
        ({"act": "hand-over", "officer": "nobody.here", "reason": "外出"}, {"/common/officer": "unknown_officer"}),
        ({"act": "hand-over", "officer": " ", "reason": "x" * 2001},
         {"/common/officer": "required", "/common/reason": "too_long"}),
        ({"act": "transfer"}, {"/common/officer": "required"}),
        ({"act": "transfer", "officer": "a", "office": "b"}, {"/common/office": "one_way"}),
        ({"act": "urge", "reason": "x", "days": 3}, {"/common/days": "unknown_field"}),
        ({"act": "dance"}, {"/common/act": "unknown_act"}),
        ({"reason": "外出"}, {"/common/act": "required"}),
        ({"act": "refuse", "no": "RC-1"},
         {"/common/no": "unknown_field", "/common/reason_code": "required", "/common/reason": "required",
          "/common/basis": "required"}),
    ],
)  # fmt: skip
def test_what_is_wrong_for_all_is_said_once_and_nothing_is_done(
    sign_in, hall, tasks, common: dict[str, Any], fields: dict[str, str]
) -> None:
    manager = sign_in(MANAGER)
    before = [hall.case(no.rpartition("-")[0]) for no in tasks]
    body = {"common": common, "items": [{"no": no} for no in tasks]}
    assert problem(manager.post(TASKS, body, headers={"Idempotency-Key": f"common-{tasks[0]}"})) == fields
    assert problem(manager.post(TASKS, {**body, "items": []})) == {"/items": "required", **fields}
    assert [hall.case(no.rpartition("-")[0]) for no in tasks] == before


def test_what_all_share_is_written_once_and_a_line_may_say_otherwise(sign_in, hall, tasks) -> None:
    colleague = hall.colleague(tasks[0])
    common = {"act": "hand-over", "officer": colleague.username, "reason": "原承办人在外培训"}
    items = [{"no": tasks[0]}, {"no": tasks[1], "reason": "已有往来"}, {"no": tasks[2], "officer": "nobody.here"}]
    answer = sign_in(MANAGER).post(TASKS, {"common": common, "items": items})
    assert done(answer) == [(200, None), (200, None), (422, "invalid")]
    assert [hall.task(no).officer_name for no in tasks] == [colleague.name, colleague.name, None]
    reasons = [hall.events(no.rpartition("-")[0])[-1].detail["reason"] for no in tasks[:2]]
    assert reasons == ["原承办人在外培训", "已有往来"]
    lacking = [{"no": tasks[0], "reason": "又换人"}, {"no": tasks[1]}]
    again = {"common": {"act": "hand-over", "officer": HR}, "items": lacking}
    assert done(sign_in(MANAGER).post(TASKS, again)) == [(200, None), (422, "invalid")], "one line said it"


def test_a_reason_that_all_proposals_lack_is_said_once(sign_in, hall) -> None:
    nos = [hall.open("settlement")["settlement"] for _ in range(2)]
    body = {"common": {"act": "propose-extension", "days": 40}, "items": [{"no": no} for no in nos]}
    said = problem(sign_in(MANAGER).post(CASES, body))
    assert said == {"/common/kind": "required", "/common/days": "range", "/common/reason": "required"}
