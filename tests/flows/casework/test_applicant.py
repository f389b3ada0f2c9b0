"""The applicant without a login: acts on the own application alone, with a code that nobody guesses."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from flows import access
from flows.casework import applicant, codes
from flows.casework.secrets import vault
from flows.desks import desk
from forms.applicant import APPLICANT_ACTS, BroughtItem
from forms.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, TooManyTries
from forms.messages import read_act
from infra.filestore import FileStore
from infra.store import work
from tests.kit.hall import Hall

PDF = b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"


def does(hall: Hall, case: str, act: str, *, of: str | None = None, **fields: Any) -> Any:
    """The applicant's act on a case, by the applicant of that case or of the application `of`."""
    no = of or case.rpartition("-")[0]
    who = access.applicant(hall.application(no).id, no)
    with desk(who, now=hall.now, terminal="test", engine=hall.engine) as seat:
        return applicant.act(seat, read_act({"act": act, "case": case, **fields}, APPLICANT_ACTS))


def uploads(hall: Hall, no: str, folder: Path, content: bytes = PDF) -> str:
    with desk(access.applicant(hall.application(no).id, no), now=hall.now, engine=hall.engine) as seat:
        return str(applicant.upload(seat, FileStore(folder, vault()), io.BytesIO(content), "照片.pdf", 10_000)["id"])


def owed(hall: Hall, case: str) -> list[str]:
    return [item["code"] for item in bring(hall, case)]


def bring(hall: Hall, case: str) -> list[dict[str, Any]]:
    with hall.engine.connect() as conn:
        row = next(one for one in work.cases_of(conn, hall.case(case).application_id) if one.no == case)
        return applicant.owed(conn, row)


def may(hall: Hall, case: str) -> list[str]:
    with hall.engine.connect() as conn:
        row = next(one for one in work.cases_of(conn, hall.case(case).application_id) if one.no == case)
        return applicant.may_now(row, work.tasks_of(conn, row.id), applicant.owed(conn, row))


# handing in


def test_a_missing_paper_is_uploaded_and_handed_in_from_home(hall: Hall, tmp_path: Path) -> None:
    case = hall.open("settlement", missing={"photo"}, promised=False)["settlement"]
    assert owed(hall, case) == ["photo"]
    file = uploads(hall, case.rpartition("-")[0], tmp_path)
    does(hall, case, "supplement", items=[{"code": "photo", "file": file}])
    assert owed(hall, case) == []
    last = hall.events(case)[-1]
    assert (last.actor_kind, last.actor_id, last.actor_name) == ("applicant", None, "申请人")
    hall.act(case, "accept", hall.window)


def test_a_list_after_acceptance_is_completed_and_the_task_goes_on(hall: Hall, tmp_path: Path) -> None:
    case = hall.open("settlement")["settlement"]
    task = hall.no(case, "address")
    hall.act(task, "claim", hall.speaker(task))
    items = [{"code": "household_book", "note": "首页不清晰"}]
    hall.act(task, "request-supplement", hall.holder(task), items=items, until="2026-10-08")
    assert hall.task(task).paused
    (item,) = (one for one in bring(hall, case) if one["code"] == "household_book")
    assert (item["code"], item["until"], item["why"], item["note"]) == (
        "household_book", "2026-10-08", "补正", "首页不清晰",
    )  # fmt: skip
    file = uploads(hall, case.rpartition("-")[0], tmp_path)
    does(hall, case, "supplement", items=[{"code": "household_book", "file": file}])
    assert not hall.task(task).paused
    told = hall.rows("SELECT * FROM notices WHERE addressee = :who", who=f"officer:{hall.task(task).officer_id}")
    assert [row.title for row in told if case in row.title] == [f"申请人已补交材料：人才落户（{case}）"]


def test_what_was_not_asked_for_is_not_taken_in(hall: Hall) -> None:
    case = hall.open("settlement", missing={"photo"}, promised=False)["settlement"]
    with pytest.raises(Invalid) as caught:
        does(hall, case, "supplement", items=[{"code": "id_card", "shared": True}, {"code": "photo", "shared": True}])
    assert [(e.field, e.code) for e in caught.value.errors] == [("/items/0/code", "not_asked")]


def test_a_fact_that_is_to_be_corrected_is_corrected_from_home_and_no_other(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    name = hall.rows("SELECT a.name FROM applications a WHERE no = :no", no=case.rpartition("-")[0])[0].name
    hall.act(case, "request-supplement", hall.window, items=[{"code": "applicant/mobile"}], until="2026-10-08")
    assert [(item["code"], item["paper"]) for item in bring(hall, case) if not item["paper"]] == [
        ("applicant/mobile", False)
    ]
    mobile = hall.people.mobile()
    with pytest.raises(Invalid) as caught:
        wrong = {"applicant": {"mobile": mobile, "name": "别人"}, "form": {"address_option": 1}}
        does(hall, case, "supplement", patch=wrong)
    assert {(e.field, e.code) for e in caught.value.errors} == {
        ("/patch/applicant/name", "not_asked"),
        ("/patch/form/address_option", "not_asked"),
    }
    with pytest.raises(Invalid) as caught:
        does(hall, case, "supplement", patch={"applicant": {"mobile": "12"}})
    assert {e.field for e in caught.value.errors} == {"/patch/applicant/mobile"}
    does(hall, case, "supplement", patch={"applicant": {"mobile": mobile}})
    assert hall.case(case).status == "submitted"
    assert hall.application(case.rpartition("-")[0]).name == name


def test_handing_in_nothing_is_refused(hall: Hall) -> None:
    case = hall.open("settlement", missing={"photo"}, promised=False)["settlement"]
    for more in ({}, {"items": []}, {"patch": {}}, {"patch": {"form": {}}}):
        with pytest.raises(Invalid) as caught:
            does(hall, case, "supplement", **more)
        assert [e.code for e in caught.value.errors] == ["required"]
    assert set(BroughtItem.model_fields) == {"code", "file", "shared"}


@pytest.mark.parametrize("whose", ["an officer's", "another applicant's"])
def test_a_file_of_somebody_else_is_not_there(hall: Hall, tmp_path: Path, whose: str) -> None:
    mine = hall.open("settlement", missing={"photo"}, promised=False)["settlement"]
    other = hall.open("settlement", missing={"photo"}, promised=False)["settlement"]
    file = uploads(hall, other.rpartition("-")[0], tmp_path)
    if whose == "an officer's":
        with hall.engine.begin() as conn:
            query = "UPDATE files SET application_id = NULL, uploaded_by = :by WHERE id = :id"
            conn.execute(text(query), {"id": file, "by": hall.window.id})
    with pytest.raises(Invalid) as caught:
        does(hall, mine, "supplement", items=[{"code": "photo", "file": file}])
    assert [e.code for e in caught.value.errors] == ["unknown_file"]


def test_nothing_is_uploaded_where_nothing_is_owed(hall: Hall, tmp_path: Path) -> None:
    opened = hall.open("settlement")
    no = opened["no"]
    uploads(hall, no, tmp_path)
    does(hall, opened["settlement"], "withdraw", reason="不办了")
    with pytest.raises(Conflict) as caught:
        uploads(hall, no, tmp_path)
    assert caught.value.code == "nothing_asked"


def test_an_applicant_cannot_fill_the_disk(hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no = hall.open("settlement", missing={"photo"}, promised=False)["no"]
    monkeypatch.setattr(applicant, "MOST_FILES", 1)
    uploads(hall, no, tmp_path)
    with pytest.raises(Conflict) as caught:
        uploads(hall, no, tmp_path)
    assert caught.value.code == "too_many_files"


# taking back, and the walls


def test_an_application_is_taken_back_before_it_is_decided(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    assert "withdraw" in may(hall, case)
    does(hall, case, "withdraw", reason="改去青岛落户")
    assert hall.case(case).status == "withdrawn"
    assert may(hall, case) == []


def test_after_the_decision_nothing_is_taken_back(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    hall.finish(case, but=("registration",))
    assert "withdraw" not in may(hall, case)
    with pytest.raises(Conflict) as caught:
        does(hall, case, "withdraw", reason="不办了")
    assert caught.value.code == "already_decided"
    assert "meanwhile" not in caught.value.facts, "no officer is named"


def test_an_applicant_reaches_no_case_but_the_own(hall: Hall) -> None:
    mine, other = hall.open("settlement")["no"], hall.open("settlement")["settlement"]
    for act, fields in (
        ("withdraw", {"reason": "冒名"}),
        ("supplement", {"items": [{"code": "photo", "shared": True}]}),
    ):
        with pytest.raises(NotFound):
            does(hall, other, act, of=mine, **fields)
    assert hall.case(other).status == "in_progress"


def test_an_applicant_does_nothing_that_is_the_offices(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    no = case.rpartition("-")[0]
    who = access.applicant(hall.application(no).id, no)
    with hall.engine.connect() as conn:
        (row,) = work.cases_of(conn, hall.case(case).application_id)
    access.may(who, "withdraw", case=row)
    for act in access.ACTS.keys() - access.OF_THE_APPLICANT:
        with pytest.raises(NotAllowed):
            access.may(who, act, case=row, region=row.region)
    with pytest.raises(NotAllowed):
        hall.act(case, "void", who, reason="自行作废")
    for act in ("accept", "approve", "void", "deliver"):
        with pytest.raises(Invalid):
            does(hall, case, act)


# the code


def test_the_code_opens_the_own_application_however_it_is_typed(hall: Hall) -> None:
    received = hall.receive(hall.body("settlement"))
    who = codes.enter(hall.engine, received.no, received.code.lower().replace("-", " "))
    assert (who.kind, who.application, who.id) == ("applicant", received.no, None)


def test_a_number_that_does_not_exist_looks_like_a_wrong_code(hall: Hall) -> None:
    received = hall.receive(hall.body("settlement"))
    with hall.engine.begin() as conn:
        gone = hall.receive(hall.body("settlement")).no
        conn.execute(text("UPDATE applications SET no = 'gone' WHERE no = :no"), {"no": gone})
    words = []
    for no in (received.no, gone):
        said = []
        for _ in range(codes.FREE + 1):
            with pytest.raises(Problem) as caught:
                codes.enter(hall.engine, no, "AAAAA-AAAAA")
            said.append((type(caught.value), caught.value.code))
        words.append(said)
    assert words[0] == words[1] == [(NotFound, "not_found")] * codes.FREE + [(TooManyTries, "too_many_tries")]


def test_after_five_wrong_codes_not_even_the_right_one_is_listened_to_for_a_while(hall: Hall) -> None:
    received = hall.receive(hall.body("settlement"))
    for _ in range(codes.FREE):
        with pytest.raises(NotFound):
            codes.enter(hall.engine, received.no, "AAAAA-AAAAA")
    with pytest.raises(TooManyTries) as caught:
        codes.enter(hall.engine, received.no, received.code)
    assert 0 < caught.value.facts["retry_after"] <= codes.FIRST_WAIT.total_seconds()
    waited(hall, received.no)
    assert codes.enter(hall.engine, received.no, received.code).application == received.no
    assert hall.rows("SELECT 1 AS one FROM code_tries WHERE application_no = :no", no=received.no) == []


def test_each_further_wrong_code_doubles_the_wait_up_to_a_quarter_of_an_hour(hall: Hall) -> None:
    received = hall.receive(hall.body("settlement"))
    waits = []
    for _ in range(codes.FREE + 8):
        with pytest.raises(NotFound):
            codes.enter(hall.engine, received.no, "AAAAA-AAAAA")
        (row,) = hall.rows("SELECT * FROM code_tries WHERE application_no = :no", no=received.no)
        waits.append((row.locked_until - row.last_at) / codes.FIRST_WAIT if row.locked_until else 0)
        waited(hall, received.no)
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30, 30]


def test_wrong_codes_of_yesterday_are_forgotten_by_the_sweep(hall: Hall) -> None:
    received = hall.receive(hall.body("settlement"))
    with pytest.raises(NotFound):
        codes.enter(hall.engine, received.no, "AAAAA-AAAAA")
    waited(hall, received.no, timedelta(days=1, minutes=1))
    with hall.engine.connect() as conn:
        assert codes.stale(conn)
    assert codes.forget(hall.engine) >= 1
    with hall.engine.connect() as conn:
        assert not codes.stale(conn)


def waited(hall: Hall, no: str, long: timedelta = timedelta(minutes=20)) -> None:
    """Let time pass for a number's wrong codes, which are counted by the machine's clock."""
    with hall.engine.begin() as conn:
        query = "UPDATE code_tries SET last_at = last_at - :long, locked_until = locked_until - :long"
        conn.execute(text(f"{query} WHERE application_no = :no"), {"long": long, "no": no})
