"""Bad requests (坏请求): addresses, queries, headers and acts that are none; a defect of ours tells nobody's data."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import HR, officer, refused

WINDOW = officer(R.WINDOW, D.WINDOW)
WATCH = officer(R.MANAGER, D.SUPERVISION)
INTAKE = "/api/v1/applications"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/cases/%00",
        "/api/v1/cases/a%00b",
        "/api/v1/cases/%ff%fe",
        "/api/v1/cases/%ed%a0%80",
        "/api/v1/cases/..%2f..%2fetc",
        "/api/v1/cases/' OR 1=1 --",
        "/api/v1/tasks/%0d%0aSet-Cookie:a=b",
        "/api/v1/applications/" + "A" * 3000,
        "/api/v1/files/%00",
        "/api/v1/progress/%00",
        "/api/v1/nothing",
    ],
)
def test_an_address_that_is_none_is_not_found(sign_in, path):
    refused(sign_in(WINDOW).get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("surprise=1", "unknown_parameter"),
        ("status=in_progress&status=void", "duplicate_name"),
        ("q=%00", "control_character"),
        ("q=%ff", "control_character"),
        ("q=" + "a" * 500, "format"),
        ("limit=0", "format"),
        ("limit=100000", "format"),
        ("limit=many", "format"),
        ("cursor=@@@", "bad_cursor"),
        ("cursor=WzFd", None),
        ("cursor=WyJhIl0", "bad_cursor"),
        ("cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ", "bad_cursor"),
        ("q=370283199506150003", "identity_in_url"),
        ("q=3702831995061500%2003", "identity_in_url"),
    ],
)
def test_a_query_that_is_none_is_refused_in_words(sign_in, query, code):
    answer = sign_in(WINDOW).get(f"/api/v1/cases?{query}")
    if code is None:
        assert answer.status_code == 200
        return
    errors = refused(answer, 422, "invalid")["errors"]
    assert code in {error["code"] for error in errors}
    assert "370283199506150003" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer lb_unknown"},
        {"Authorization": "Bearer " + "a" * 5_000},
        {"Authorization": b"Bearer \xff\xfe"},
        {},
    ],
)
def test_whoever_shows_no_valid_token_is_told_to_sign_in(nobody, headers):
    refused(nobody.get("/api/v1/tasks", headers=headers), 401, "unauthenticated")


@pytest.mark.parametrize("key", ["", "a b", "长".encode(), "a" * 201])
def test_a_key_that_is_none_is_refused(sign_in, hall, untouched, key):
    answer = sign_in(WINDOW).post(INTAKE, hall.body("settlement"), headers={"Idempotency-Key": key})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "/act", "required"),
        ({"act": "explode"}, "/act", "unknown_act"),
        ({"act": 1}, "/act", "unknown_act"),
        ({"act": ["approve"]}, "/act", "unknown_act"),
        ({"act": "approve", "surprise": 1}, "/surprise", "unknown_field"),
        ({"act": "refuse"}, "/basis", "required"),
        ({"act": "approve", "reason": "a\x07b"}, "/reason", "control_character"),
        ({"act": "approve", "reason": "长" * 3_000}, "/reason", "too_long"),
        ({"act": "approve", "items": [{"code": "x", "value": "y"}] * 60}, "/items", "too_many"),
        ({"act": "approve", "items": [{"code": "nothing", "value": "y"}]}, "/items/0/code", "unknown_field"),
        ({"act": "suspend", "kind": "holiday", "ground": "g"}, "/kind", "choice"),
        ({"act": "transfer", "officer": "nobody.here"}, "/officer", "unknown_officer"),
        (
            {"act": "request-supplement", "items": [{"code": "degree"}], "until": "2026-02-30"},
            "/until",
            "date",
        ),
    ],
)
def test_an_act_that_says_something_wrong_is_refused_where_it_stands(sign_in, hall, body, field, code):
    task = hall.no(hall.open("settlement")["settlement"], "eligibility")
    answer = sign_in(HR).post(f"/api/v1/tasks/{task}/acts", body)
    errors = refused(answer, 422, "invalid")["errors"]
    assert (field, code) in {(error["field"], error["code"]) for error in errors}, errors
    assert hall.task(task).status == "pending"


def test_a_text_that_is_too_long_is_refused_by_the_name_of_its_field(sign_in, hall):
    no = hall.open("settlement")["settlement"]
    task = hall.no(no, "eligibility")
    long = {"act": "urge", "reason": "长" * 2_001}
    alone = sign_in(WATCH).post(f"/api/v1/tasks/{task}/acts", long)
    many = sign_in(WATCH).post("/api/v1/tasks/acts", {"common": long, "items": [{"no": task}]})
    for answer, field in ((alone, "/reason"), (many, "/common/reason")):
        (error,) = refused(answer, 422, "invalid")["errors"]
        assert (error["field"], error["message"]) == (field, "催办内容不能超过2000个字")
    waiting = hall.receive(hall.body("settlement", accept=False)).cases[0]["no"]
    patch = {"act": "correct", "patch": {"form": {"target_address": "长" * 2_001}, "applicant": {"name": "王\x07"}}}
    errors = refused(sign_in(WINDOW).post(f"/api/v1/cases/{waiting}/acts", patch), 422, "invalid")["errors"]
    assert {error["field"]: error["message"] for error in errors} == {
        "/patch/applicant/name": "姓名含有控制字符等不能使用的字符",
        "/patch/form/target_address": "拟落户地址不能超过500个字",
    }


@pytest.mark.parametrize("body", [[], "approve", 1, None, True])
def test_an_act_that_is_no_object_is_refused(sign_in, hall, body):
    answer = sign_in(HR).http.post("/api/v1/tasks/RC-1/acts", content=json.dumps(body))
    assert answer.status_code == 422


def test_another_method_is_told_which_ones_there_are(sign_in):
    answer = sign_in(WINDOW).http.delete("/api/v1/cases")
    refused(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


def test_the_wrong_code_shows_no_progress_and_the_right_one_names_no_officer(nobody, hall):
    received = hall.receive(hall.body("settlement", missing={"photo"}, promised=False))
    path = f"/api/v1/progress/{received.no}"
    for code in ("", "AAAAA-AAAAA", "a" * 40, "\u00e9"):
        headers = {"X-Progress-Code": code.encode("latin-1")}
        assert nobody.get(path, headers=headers).status_code == 404
    assert nobody.get(path).status_code == 404
    assert nobody.get(path, params={"code": received.code}).status_code == 422
    shown = nobody.get(path, headers={"X-Progress-Code": received.code.lower().replace("-", " ")})
    assert shown.status_code == 200
    case = shown.json()["cases"][0]
    assert [item["code"] for item in case["bring"]] == ["photo"]
    assert not [one.name for one in hall.officers if one.name in shown.text]


def test_progress_says_who_has_the_case_now(nobody, hall):
    received = hall.receive(hall.body("settlement"))
    task = hall.no(received.cases[0]["no"], "eligibility")
    hall.act(task, "approve", hall.speaker(task))
    shown = nobody.get(f"/api/v1/progress/{received.no}", headers={"X-Progress-Code": received.code}).json()
    case = shown["cases"][0]
    assert [step["done"] for step in case["steps"] if step["title"] == "资格核验"] == [True]
    assert [holder["step"] for holder in case["with"]] == ["落户地址审查"]
    assert case["with"][0]["phone"]


def test_a_defect_of_ours_is_told_by_reference_without_anybodys_data(sign_in, hall, api_engine, caplog):
    task = hall.no(hall.open("settlement")["settlement"], "eligibility")
    with api_engine.begin() as conn:
        conn.execute(text("ALTER TABLE documents RENAME TO documents_away"))
    try:
        answer = sign_in(WINDOW).post(INTAKE, body := hall.body("settlement"))
    finally:
        with api_engine.begin() as conn:
            conn.execute(text("ALTER TABLE documents_away RENAME TO documents"))
    problem = refused(answer, 500, "internal")
    assert problem["reference"] == answer.headers["x-request-id"]
    assert problem["reference"] in caplog.text
    for value in (body["applicant"]["name"], body["applicant"]["id_number"], body["applicant"]["mobile"]):
        assert value not in caplog.text
        assert value not in answer.text
    assert hall.task(task).status == "pending"
