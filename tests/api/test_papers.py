"""Documents on paper, over HTTP: every kind from cases that were really played, as page and as PDF."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pypdf
import pytest
from sqlalchemy import Engine, text

from api.documents.view import BODIES
from flows import access
from flows.watch import fire
from forms.vocabulary import INTERNAL_DOCUMENTS, DocumentKind
from infra import clock
from tests.kit.hall import LAIXI, MORNING, PINGDU, REFUSAL, Hall

HEAD = access.officer(999, "局长", [("agency_head", "public_security", PINGDU, None)])
HEARING = {"kind": "hearing", "ground": "行政许可法 第46条"}
AFTERWARDS = {DocumentKind.RATING_REPLY, DocumentKind.DEEMED_AGREEMENT, DocumentKind.SUPERVISION_ORDER}
"""Kinds of which a story of their own is told elsewhere; here they are drawn from what those stories store."""


def read(pdf: bytes) -> str:
    """The text of a PDF without its breaks."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def squeezed(words: str) -> str:
    return "".join(words.split())


@pytest.fixture(scope="module")
def hall(api_engine: Engine) -> Hall:
    made = Hall(api_engine)
    made.now = MORNING
    return made


@pytest.fixture(scope="module")
def played(hall: Hall) -> dict[str, tuple[str, Any]]:
    """The last document of every kind with the number of a case it belongs to."""
    granted = hall.open("settlement", "green_channel")
    hall.finish(granted["settlement"], granted["green_channel"])
    hall.act(granted["settlement"], "deliver", hall.window)
    refused = hall.open("settlement")["settlement"]
    hall.act(refused, "extend", HEAD, kind="agency", days=3, reason="需外地协查")
    task = hall.no(refused, "eligibility")
    hall.act(task, "suspend", hall.speaker(task), until=hall.day(9), **HEARING)
    hall.act(task, "resume", hall.speaker(task))
    hall.refuse(task)
    hall.act(refused, "reopen", hall.coordinator(refused), reason="复议撤销原决定")
    money = hall.open("subsidy")["subsidy"]
    hall.finish(money, but=("notice",))
    lapsed = hall.open("settlement", accept=False)["settlement"]
    hall.act(lapsed, "request-supplement", hall.window, items=[{"code": "degree", "note": "看不清"}], until=hall.day(5))
    for kind in ("not_required", "not_accepted"):
        case = hall.open("settlement", accept=False)["settlement"]
        hall.act(case, "decline", hall.window, kind=kind, reason_code="x", reason="不属本地", department="潍坊市公安局")
    for act, who, fields in (
        ("withdraw", hall.window, {"reason": "改去外地"}),
        ("void", hall.manager, {"reason": "数据错误"}),
        ("forward", None, {"department": "青岛市公安局", "reason": "权限在上级"}),
    ):
        case = hall.open("settlement")["settlement"]
        hall.act(case, act, who or hall.coordinator(case), **fields)
    late = hall.open("settlement")["settlement"]
    hall.finish(late, but=("registration",))
    hall.later(days=12)
    hall.act(lapsed, "supplement", hall.window, items=[{"code": "degree", "shared": True}])
    last = hall.no(late, "registration")
    hall.act(last, "approve", hall.speaker(last), explanation="户政系统停机两日")
    asked = hall.open("settlement", accept=False)["settlement"]
    hall.act(asked, "request-supplement", hall.window, items=[{"code": "degree"}], until=hall.day(2))
    hall.later(days=4)
    hall.act(asked, "lapse", hall.window)
    rows = hall.rows(
        "SELECT d.*, c.no AS case_no FROM documents d JOIN cases c ON c.application_id = d.application_id"
        " AND (d.case_id IS NULL OR d.case_id = c.id) ORDER BY d.id"
    )
    return {row.kind: (row.case_no, row) for row in rows}


def test_every_kind_is_played_or_has_a_story_of_its_own(played: dict[str, Any]) -> None:
    assert set(played) == {kind.value for kind in DocumentKind if kind not in AFTERWARDS}
    assert set(BODIES) == set(DocumentKind)


@pytest.mark.parametrize("kind", sorted(set(DocumentKind) - AFTERWARDS))
def test_the_pdf_of_every_kind_says_number_day_office_and_hash(sign_in, hall, played, kind) -> None:
    case, row = played[kind]
    path = f"/api/v1/cases/{case}/documents/{quote(row.no)}.pdf"
    manager = sign_in(hall.manager.username)
    answer = manager.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    named = answer.headers["content-disposition"]
    assert named.startswith("attachment; filename*=UTF-8''")
    label = DocumentKind(kind).label.replace("（", "").replace("）", "")
    assert unquote(named.partition("''")[2]) == f"{label}-{row.no}.pdf"
    said = read(answer.content)
    for words in (row.no, DocumentKind(kind).label, row.content["office"], "二〇二六年", bytes(row.hash).hex()):
        assert squeezed(words) in said, words
    assert "None" not in said
    assert answer.content == manager.get(path).content, "the same data give the same bytes"


def test_a_refusal_says_reason_basis_and_both_remedies(sign_in, hall, played) -> None:
    case, row = played["decision_refused"]
    said = read(sign_in(hall.manager.username).get(f"/api/v1/cases/{case}/documents/{row.no}.pdf").content)
    for words in (REFUSAL["reason"], REFUSAL["basis"], "六十日内依法申请行政复议", "六个月内依法提起行政诉讼"):
        assert squeezed(words) in said
    assert row.content["addressee"] in said


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("acceptance", "承诺办结日期为2026年"),
        ("supplement_notice", "一次性告知如下"),
        ("gap_promise", "一式两份"),
        ("special_procedure", "该时间不计算在办理期限内"),
        ("extension", "经批准延长3个工作日，延长后的承诺办结日期为2026年"),
        ("not_accepted", "请向潍坊市公安局申请"),
        ("delay_statement", "户政系统停机两日"),
        ("public_notice", "公示期5个工作日"),
        ("closing_summary", "医疗绿色通道"),
        ("archive_list", "末条过程哈希"),
        ("delivery", "收到日期"),
    ],
)
def test_a_notice_says_what_the_law_wants_said(sign_in, hall, played, kind, words) -> None:
    case, row = played[kind]
    said = read(sign_in(hall.manager.username).get(f"/api/v1/cases/{case}/documents/{row.no}.pdf").content)
    assert words in said


def test_a_public_notice_hides_who_it_is_about(hall, played) -> None:
    case, row = played["public_notice"]
    name = hall.application(case.rpartition("-")[0]).name
    assert name not in str(row.content)
    assert row.content["subject"][0] == name[0] and "*" in row.content["subject"]


def test_a_document_is_printed_within_the_walls_and_leaves_a_trace(sign_in, nobody, hall, played) -> None:
    case, row = played["acceptance"]
    path = f"/api/v1/cases/{case}/documents/{row.no}.pdf"
    elsewhere = sign_in(hall.actor("manager", "supervision", LAIXI).username)
    assert nobody.get(path).status_code == 401
    assert elsewhere.get(path).status_code == 404
    other = played["withdrawal"][1].no
    manager = sign_in(hall.manager.username)
    assert manager.get(f"/api/v1/cases/{case}/documents/{other}.pdf").status_code == 404
    assert manager.get(path).status_code == 200
    trace = hall.rows("SELECT * FROM traces WHERE act = 'read-document' AND subject = :no", no=row.no)
    assert [one.officer_name for one in trace][-1] == hall.manager.name


def test_who_is_shown_only_a_few_fields_of_a_case_prints_none_of_its_documents(sign_in, hall) -> None:
    case = hall.open("green_channel")["green_channel"]
    hall.finish(case, but={"execution", "services", "arrangement", "hospital"})
    mine = next(task for task in hall.tasks(case) if task.department == "hospital")
    seat = sign_in(hall.speaker(mine.no, level=1).username)
    document = hall.documents(case)[0].no
    assert seat.get(f"/api/v1/cases/{case}").status_code == 200
    assert seat.get(f"/api/v1/cases/{case}/documents/{document}.pdf").status_code == 404


def test_the_applicant_prints_the_own_documents_with_the_code_and_no_internal_ones(nobody, hall, played) -> None:
    received = hall.receive(hall.body("settlement"))
    case = received.cases[0]["no"]
    code = {"X-Progress-Code": received.code}
    path = f"/api/v1/progress/{received.no}/documents/"
    for document in (hall.document(case, "acceptance").no, f"收-{received.no}"):
        answer = nobody.http.get(f"{path}{document}.pdf", headers=code)
        assert answer.status_code == 200
        assert document in read(answer.content)
        assert nobody.http.get(f"{path}{document}.pdf").status_code == 404
    assert nobody.http.get(f"{path}{played['acceptance'][1].no}.pdf", headers=code).status_code == 404
    hall.finish(case)
    hall.act(case, "deliver", hall.window)
    assert DocumentKind.ARCHIVE_LIST in INTERNAL_DOCUMENTS
    assert nobody.http.get(f"{path}{hall.document(case, 'archive_list').no}.pdf", headers=code).status_code == 404
    assert nobody.http.get(f"{path}{hall.document(case, 'decision_ok').no}.pdf", headers=code).status_code == 200


def test_a_document_that_was_tampered_with_is_not_printed(sign_in, hall, api_engine: Engine) -> None:
    case = hall.open("settlement")["settlement"]
    document = hall.document(case, "acceptance").no
    with api_engine.begin() as conn:
        conn.execute(text("ALTER TABLE documents DISABLE TRIGGER USER"))
        changed = 'UPDATE documents SET content = content || \'{"due_on": "2030-01-01"}\' WHERE no = :no'
        conn.execute(text(changed), {"no": document})
        conn.execute(text("ALTER TABLE documents ENABLE TRIGGER USER"))
    answer = sign_in(hall.manager.username).get(f"/api/v1/cases/{case}/documents/{document}.pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, "document_altered")


def test_an_order_of_supervision_is_printed_with_its_answer(sign_in, hall, api_engine: Engine) -> None:
    case = hall.open("settlement")["settlement"]
    hall.now += timedelta(days=30)
    with api_engine.begin() as conn:
        clock.move(conn, hall.now)
    fire("settlement", api_engine)
    sent = hall.rows("SELECT o.* FROM orders o JOIN cases c ON c.id = o.case_id WHERE c.no = :no", no=case)[0]
    no, path = sent.no, f"/api/v1/orders/{sent.no}/paper.pdf"
    asked = sign_in(hall.actor("handler", sent.department).username)
    assert asked.act(f"orders/{no}", "reply", reply="已加派人手，本周办结").status_code == 200
    said = read(sign_in(hall.manager.username).get(path).content)
    for words in (no, "督办单", "责任单位回复", "已加派人手，本周办结", "回复期限"):
        assert words in said
    assert sign_in(hall.actor("manager", "supervision", LAIXI).username).get(path).status_code == 404
