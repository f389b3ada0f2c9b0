"""The applicant over HTTP: no login, the code in a header and never in an address, guessing slowed down."""

from __future__ import annotations

import pytest

from tests.api.drawn import refused

PDF = b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"


@pytest.fixture
def mine(hall):
    """An application whose photo is missing, with the header that opens it."""
    received = hall.receive(hall.body("settlement", missing={"photo"}, promised=False))
    path = f"/api/v1/progress/{received.no}"
    return path, {"X-Progress-Code": received.code}, received.cases[0]["no"]


def test_a_paper_is_handed_in_from_a_phone(nobody, mine):
    path, code, case = mine
    (shown,) = nobody.get(path, headers=code).json()["cases"]
    assert [(item["code"], item["paper"]) for item in shown["bring"]] == [("photo", True)]
    assert shown["may"] == ["supplement", "withdraw"]
    assert shown["latest"]["what"] == "决定是否受理"
    given = nobody.http.post(f"{path}/files", files={"file": ("照片.pdf", PDF)}, headers=code)
    assert given.status_code == 201, given.text
    assert given.json()["content_type"] == "application/pdf"
    act = {"act": "supplement", "case": case, "items": [{"code": "photo", "file": given.json()["id"]}]}
    key = {**code, "Idempotency-Key": "eins"}
    first = nobody.post(f"{path}/acts", act, headers=key)
    assert (first.status_code, first.json()["case"]) == (200, case)
    again = nobody.post(f"{path}/acts", act, headers=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    (shown,) = nobody.get(path, headers=code).json()["cases"]
    assert shown["bring"] == []


def test_a_step_says_that_it_waits_for_another_matter_until_that_has_ended(nobody, hall):
    received = hall.receive(hall.body("settlement", "schooling"))
    cases = {case["matter"]: case["no"] for case in received.cases}

    def waits():
        found = nobody.get(f"/api/v1/progress/{received.no}", headers={"X-Progress-Code": received.code}).json()
        steps = next(case["steps"] for case in found["cases"] if case["matter"] == "schooling")
        return {step["step"]: step["awaits"] for step in steps if step["awaits"]}

    assert waits() == {}, "its own steps come first"
    hall.finish(cases["schooling"], but=["placement"])
    assert waits() == {"placement": ["人才落户"]}
    hall.finish(cases["settlement"])
    assert waits() == {}
    assert hall.status(cases["schooling"])["placement"] == "pending"


def test_an_application_is_taken_back_from_home(nobody, mine):
    path, code, case = mine
    done = nobody.post(f"{path}/acts", {"act": "withdraw", "case": case, "reason": "不办了"}, headers=code)
    assert done.json()["status"] == "withdrawn"
    refused(
        nobody.post(f"{path}/acts", {"act": "withdraw", "case": case, "reason": "再"}, headers=code), 409, "conflict"
    )


def test_without_the_code_nothing_is_done_and_nothing_uploaded(nobody, mine, untouched):
    path, _, case = mine
    act = {"act": "withdraw", "case": case, "reason": "冒名"}
    for headers in ({}, {"X-Progress-Code": "AAAAA-AAAAA"}):
        refused(nobody.post(f"{path}/acts", act, headers=headers), 404, "not_found")
        refused(nobody.http.post(f"{path}/files", files={"file": ("a.pdf", PDF)}, headers=headers), 404, "not_found")


def test_the_code_of_one_application_opens_no_other(nobody, mine, hall):
    path, code, _ = mine
    other = hall.open("settlement")
    refused(nobody.get(f"/api/v1/progress/{other['no']}", headers=code), 404, "not_found")
    act = {"act": "withdraw", "case": other["settlement"], "reason": "冒名"}
    refused(nobody.post(f"{path}/acts", act, headers=code), 404, "not_found")
    assert hall.case(other["settlement"]).status == "in_progress"


def test_guessing_is_slowed_down_and_the_answer_says_for_how_long(nobody, mine):
    path, code, _ = mine
    wrong = {"X-Progress-Code": "AAAAA-AAAAA"}
    answers = [nobody.get(path, headers=wrong) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 30
    problem = refused(nobody.get(path, headers=code), 429, "too_many_tries")
    assert "请" in problem["detail"]
    refused(nobody.post(f"{path}/acts", {}, headers=code), 429, "too_many_tries")


def test_what_is_no_paper_is_refused_as_at_the_window(nobody, mine):
    path, code, _ = mine
    for name, content, error in (("a.pdf", b"<html>", "file_type"), ("b.png", b"", "file_empty")):
        answer = nobody.http.post(f"{path}/files", files={"file": (name, content)}, headers=code)
        assert refused(answer, 422, "invalid")["errors"][0]["code"] == error


def test_an_act_that_is_the_offices_is_no_act_of_the_applicants(nobody, mine):
    path, code, case = mine
    for act in ("accept", "deliver", "void", "approve"):
        answer = nobody.post(f"{path}/acts", {"act": act, "case": case}, headers=code)
        assert refused(answer, 422, "invalid")["errors"][0]["code"] == "unknown_act"
