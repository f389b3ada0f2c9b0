"""At the window: received, accepted, accepted with a gap, declined; and what a bundle's cases mean to each other."""

from __future__ import annotations

from datetime import date

import pytest

from forms.errors import Conflict, Invalid, NotAllowed, NotFound
from forms.vocabulary import Department, Role
from tests.kit.hall import BUNDLE, LAIXI, Hall


def with_file(body: dict, code: str, key: str) -> dict:
    body["materials"] = [entry for entry in body["materials"] if entry["code"] != code] + [{"code": code, "file": key}]
    return body


def test_every_department_has_its_tasks_when_the_answer_leaves(hall: Hall) -> None:
    nos = hall.open(*BUNDLE)
    assert hall.status(nos["settlement"]) == {
        "eligibility": "pending",
        "household": "not_applicable",
        "address": "pending",
        "approval": "blocked",
        "registration": "blocked",
    }
    assert {hall.case(nos[code]).status for code in BUNDLE} == {"in_progress"}
    assert hall.application(nos["no"]).status == "in_progress"
    assert [one.kind for one in hall.documents(nos["schooling"])] == ["acceptance"]


def test_a_missing_paper_holds_back_only_its_own_case(hall: Hall) -> None:
    nos = hall.open("settlement", "green_channel", missing=["contract"])
    assert hall.case(nos["settlement"]).status == "in_progress"
    assert hall.case(nos["green_channel"]).status == "submitted"
    with pytest.raises(Conflict) as refused:
        hall.act(nos["green_channel"], "accept", hall.window)
    assert refused.value.code == "incomplete" and "合同" in refused.value.detail
    hall.act(nos["green_channel"], "supplement", hall.window, items=[{"code": "contract", "shared": True}])
    hall.act(nos["green_channel"], "accept", hall.window)
    assert hall.case(nos["green_channel"]).status == "in_progress"


def test_an_uploaded_paper_belongs_to_the_application_that_names_it(hall: Hall) -> None:
    key = hall.upload("f1", hall.window)
    nos = hall.receive(with_file(hall.body("green_channel"), "contract", key))
    row = hall.rows("SELECT application_id FROM files WHERE id = :key", key=key)[0]
    assert row.application_id == hall.application(nos.no).id
    with pytest.raises(Invalid) as refused:
        hall.receive(with_file(hall.body("green_channel"), "contract", key))
    assert refused.value.errors[0].code == "unknown_file"


def test_somebody_elses_upload_is_not_there(hall: Hall) -> None:
    key = hall.upload("f2", hall.actor(Role.WINDOW, Department.WINDOW, nth=1))
    with pytest.raises(Invalid) as refused:
        hall.receive(with_file(hall.body("green_channel"), "contract", key))
    assert refused.value.errors[0].code == "unknown_file"


def test_a_promised_paper_is_accepted_with_a_gap(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    gap = hall.case(case).gap
    assert [item["code"] for item in gap["items"]] == ["photo"] and not gap["items"][0]["handed_at"]
    assert "accept-with-gap" in hall.acts(case)
    promise = hall.document(case, "gap_promise").content
    assert promise["deadline"] == gap["deadline"] and promise["if_late"]


def test_a_gap_is_filled_by_what_was_promised_and_nothing_else(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    with pytest.raises(Conflict) as refused:
        hall.act(case, "supplement", hall.window, items=[{"code": "degree", "shared": True}])
    assert refused.value.code == "nothing_asked"
    hall.act(case, "supplement", hall.window, items=[{"code": "photo", "file": hall.upload("f3", hall.window)}])
    assert hall.case(case).gap["items"][0]["handed_at"]
    assert "fill-gap" in hall.acts(case)


def test_shared_data_is_taken_only_where_there_is_some(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    with pytest.raises(Invalid) as refused:
        hall.act(case, "supplement", hall.window, items=[{"code": "photo", "shared": True}])
    assert (refused.value.errors[0].field, refused.value.errors[0].code) == ("/items/0/shared", "not_shared")


def test_a_promise_that_is_not_kept_counts_as_withdrawal(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    with pytest.raises(Conflict) as refused:
        hall.act(case, "lapse", hall.manager)
    assert refused.value.code == "not_yet_due"
    hall.later(days=40)
    hall.act(case, "lapse", hall.manager)
    row = hall.case(case)
    assert (row.status, row.reason_code) == ("closed_no_supplement", "no_supplement")
    assert hall.document(case, "closing_notice").content["reason"]


def test_a_gap_cannot_be_promised_for_yesterday(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    with pytest.raises(Invalid) as refused:
        hall.act(case, "accept", hall.window, until=hall.day(-1))
    assert refused.value.errors[0].field == "/until"
    assert hall.case(case).status == "submitted"


def test_a_gap_cannot_be_promised_beyond_the_promise_of_the_case(hall: Hall) -> None:
    """Accepted on a Friday, promised in five working days: due on 24 September."""
    case = hall.open("settlement", accept=False)["settlement"]
    with pytest.raises(Invalid) as refused:
        hall.act(case, "accept", hall.window, until="2026-09-25")
    assert [(e.field, e.code) for e in refused.value.errors] == [("/until", "after_promise")]
    assert "2026-09-24" in refused.value.errors[0].message and hall.case(case).status == "submitted"
    hall.act(case, "accept", hall.window, until="2026-09-24")
    assert hall.case(case).gap["deadline"] == "2026-09-24" and hall.case(case).due_on == date(2026, 9, 24)


def test_a_gap_ends_within_the_promise_of_the_whole_not_of_a_part_that_follows(hall: Hall) -> None:
    """医疗绿色通道 is promised in five working days, the insurance that may follow it in twenty."""
    assert hall.case(hall.open("green_channel")["green_channel"]).gap["deadline"] == "2026-09-23"
    case = hall.open("green_channel", accept=False)["green_channel"]
    with pytest.raises(Invalid) as refused:
        hall.act(case, "accept", hall.window, until="2026-09-25")
    assert [(e.field, e.code) for e in refused.value.errors] == [("/until", "after_promise")]


def test_an_intake_that_promises_a_paper_too_late_is_refused_whole(hall: Hall) -> None:
    body = hall.body("settlement")
    before = hall.rows("SELECT count(*) AS n FROM applications")[0].n
    next(paper for paper in body["materials"] if paper.get("promised"))["deadline"] = "2026-10-30"
    with pytest.raises(Invalid) as refused:
        hall.receive(body)
    assert [(e.field, e.code) for e in refused.value.errors] == [("/materials", "after_promise")]
    assert hall.rows("SELECT count(*) AS n FROM applications")[0].n == before


def test_nobody_has_two_open_cases_of_one_matter(hall: Hall) -> None:
    body = hall.body("settlement", "green_channel")
    first = hall.receive(body)
    with pytest.raises(Conflict) as refused:
        hall.receive(body)
    assert refused.value.code == "duplicate_open"
    for case in first.cases:
        hall.act(case["no"], "withdraw", hall.window, reason="重新申请")
    assert hall.receive(body).status == "in_progress"


def test_a_child_has_one_open_case_whoever_applies(hall: Hall) -> None:
    body = hall.body("schooling", hukou=True)
    hall.receive(body)
    other = hall.body("schooling", hukou=True)
    other["matters"]["schooling"]["child_id"] = body["matters"]["schooling"]["child_id"]
    other["applicant"]["family"][1] = body["applicant"]["family"][1]
    with pytest.raises(Conflict) as refused:
        hall.receive(other)
    assert refused.value.code == "duplicate_open"


def test_an_invalid_application_writes_nothing(hall: Hall) -> None:
    before = hall.rows("SELECT count(*) AS n FROM applications")[0].n
    body = hall.body("settlement", "green_channel")
    del body["matters"]["settlement"]["route"]
    body["matters"]["green_channel"]["services"] = []
    with pytest.raises(Invalid) as refused:
        hall.receive(body)
    assert {error.field for error in refused.value.errors} >= {
        "/matters/settlement/route",
        "/matters/green_channel/services",
    }
    assert hall.rows("SELECT count(*) AS n FROM applications")[0].n == before


def test_a_service_officer_files_and_the_window_accepts(hall: Hall) -> None:
    helper = hall.actor(Role.SERVICE_OFFICER, Department.TALENT_CENTRE)
    received = hall.receive(hall.body("settlement"), by=helper)
    case = received.cases[0]["no"]
    assert received.status == "submitted"
    with pytest.raises(NotAllowed):
        hall.act(case, "accept", helper)
    hall.act(case, "accept", hall.window)
    assert hall.case(case).status == "in_progress"


def test_a_window_of_another_district_takes_nothing_here(hall: Hall) -> None:
    stranger = hall.actor(Role.WINDOW, Department.WINDOW, LAIXI)
    with pytest.raises(NotAllowed):
        hall.receive(hall.body("settlement"), by=stranger)
    case = hall.open("settlement")["settlement"]
    with pytest.raises(NotFound):
        hall.act(case, "withdraw", stranger, reason="误点")


def test_a_department_neither_receives_nor_accepts(hall: Hall) -> None:
    handler = hall.actor(Role.HANDLER, Department.HUMAN_RESOURCES)
    with pytest.raises(NotAllowed):
        hall.receive(hall.body("settlement"), by=handler)
    case = hall.open("settlement", accept=False)["settlement"]
    with pytest.raises(NotFound):
        hall.act(case, "accept", handler)


def test_what_is_another_authoritys_is_declined_with_its_name(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    words = {"reason_code": "other_authority", "reason": "属外市管辖"}
    with pytest.raises(Invalid) as refused:
        hall.act(case, "decline", hall.window, kind="not_accepted", **words)
    assert refused.value.errors[0].field == "/department"
    hall.act(case, "decline", hall.window, kind="not_accepted", department="潍坊市公安局", **words)
    row = hall.case(case)
    assert (row.status, row.outcome, row.reason_code) == ("not_accepted", "not_accepted", "other_authority")
    assert (row.due_on, row.amber_on, row.yellow_on, row.red_on) == (None,) * 4  # nobody is late with it any more
    assert not hall.rows("SELECT 1 FROM limits WHERE case_id = :id AND ended_at IS NULL", id=row.id)
    assert hall.document(case, "not_accepted").content["where"] == "潍坊市公安局"


def test_what_needs_no_approval_is_declined_as_such(hall: Hall) -> None:
    nos = hall.open("settlement", "green_channel", accept=False)
    hall.act(nos["settlement"], "decline", hall.window, kind="not_required", reason_code="local", reason="已是本地户籍")
    assert hall.case(nos["settlement"]).status == "not_required"
    assert hall.document(nos["settlement"], "not_required").content["reason"]
    hall.act(nos["green_channel"], "accept", hall.window)
    hall.finish(nos["green_channel"])
    assert hall.application(nos["no"]).outcome == "partial"


def test_an_accepted_case_is_neither_accepted_again_nor_declined(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    for act, fields in (
        ("accept", {}),
        ("decline", {"kind": "not_required", "reason_code": "x", "reason": "误点"}),
        ("correct", {"patch": {"form": {"target_address": "别处"}}}),
    ):
        with pytest.raises(Conflict):
            hall.act(case, act, hall.window, **fields)


# what the matters of one application mean to each other


def test_schooling_goes_on_nearby_when_settlement_has_passed(hall: Hall) -> None:
    nos = hall.open("settlement", "schooling")
    hall.finish(nos["schooling"])
    assert hall.status(nos["schooling"])["placement"] == "blocked"
    hall.finish(nos["settlement"])
    status = hall.status(nos["schooling"])
    assert (status["placement"], status["employment"]) == ("pending", "not_applicable")
    assert hall.case(nos["schooling"]).routes == {"residence": "not_taken"}


def test_schooling_falls_back_to_the_residence_route_when_settlement_has_not(hall: Hall) -> None:
    nos = hall.open("settlement", "schooling")
    hall.finish(nos["schooling"])
    hall.refuse(hall.no(nos["settlement"], "eligibility"))
    status = hall.status(nos["schooling"])
    assert (status["placement"], status["employment"]) == ("blocked", "pending")
    assert "take-route" in hall.acts(nos["schooling"])
    hall.finish(nos["schooling"])
    assert hall.case(nos["schooling"]).status == "closed_ok"
    assert hall.application(nos["no"]).outcome == "partial"


def test_a_case_accepted_later_keeps_its_wait_for_a_sibling(hall: Hall) -> None:
    nos = hall.open("settlement", "schooling", accept=False)
    hall.act(nos["settlement"], "accept", hall.window)
    hall.act(nos["schooling"], "accept", hall.window)
    hall.finish(nos["schooling"])
    assert hall.case(nos["schooling"]).edges and hall.status(nos["schooling"])["placement"] == "blocked"
    hall.finish(nos["settlement"])
    assert hall.status(nos["schooling"])["placement"] == "pending"


def test_a_case_is_still_accepted_after_the_sibling_it_named_was_withdrawn(hall: Hall) -> None:
    nos = hall.open("settlement", "schooling", accept=False)
    hall.act(nos["settlement"], "withdraw", hall.window, reason="暂不落户")
    hall.act(nos["schooling"], "accept", hall.window)
    assert hall.status(nos["schooling"])["employment"] == "pending"
    assert hall.case(nos["schooling"]).routes == {"residence": "taken"}


def test_schooling_alone_waits_for_nobody(hall: Hall) -> None:
    case = hall.open("schooling", hukou=True)["schooling"]
    hall.finish(case)
    row = hall.case(case)
    assert (row.status, row.edges, row.routes) == ("closed_ok", [], {})


@pytest.mark.parametrize("status", ["withdrawn", "not_required", "not_accepted"])
def test_what_is_over_shows_no_light(hall: Hall, status: str) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    if status == "withdrawn":
        hall.act(case, "withdraw", hall.window, reason="不办了")
    else:
        where = {"department": "潍坊市公安局"} if status == "not_accepted" else {}
        hall.act(case, "decline", hall.window, kind=status, reason_code="local", reason="无需办理", **where)
    row = hall.case(case)
    assert (row.status, row.due_on, row.stopped) == (status, None, False)
