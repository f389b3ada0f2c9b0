"""The walls as one table: who may see and do what over HTTP; what one may not see is not there (404)."""

from __future__ import annotations

import pytest

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import LAIXI, PINGDU, officer

WHO = {
    "window": officer(R.WINDOW, D.WINDOW),
    "window elsewhere": officer(R.WINDOW, D.WINDOW, LAIXI),
    "handler": officer(R.HANDLER, D.HUMAN_RESOURCES),
    "reviewer": officer(R.REVIEWER, D.HUMAN_RESOURCES),
    "handler elsewhere": officer(R.HANDLER, D.HUMAN_RESOURCES, LAIXI),
    "handler of the same case": officer(R.HANDLER, D.POLICE_STATION),
    "handler of no task": officer(R.HANDLER, D.FINANCE),
    "coordinator who leads": officer(R.COORDINATOR, D.PUBLIC_SECURITY),
    "coordinator of another matter": officer(R.COORDINATOR, D.EDUCATION),
    "service officer": officer(R.SERVICE_OFFICER, D.TALENT_CENTRE),
    "manager": officer(R.MANAGER, D.SUPERVISION),
    "manager elsewhere": officer(R.MANAGER, D.SUPERVISION, LAIXI),
    "auditor": officer(R.AUDITOR, D.SUPERVISION),
    "administrator": officer(R.ADMINISTRATOR, D.SUPERVISION),
    "nobody": None,
}

ROUTES = {
    "case": ("GET", "/api/v1/cases/{case}", None),
    "events": ("GET", "/api/v1/cases/{case}/events", None),
    "documents": ("GET", "/api/v1/cases/{case}/documents", None),
    "paper": ("GET", "/api/v1/cases/{case}/documents/{paper}.pdf", None),
    "application": ("GET", "/api/v1/applications/{application}", None),
    "task": ("GET", "/api/v1/tasks/{task}", None),
    "release": ("POST", "/api/v1/tasks/{task}/acts", {"act": "release"}),
    "deliver": ("POST", "/api/v1/cases/{case}/acts", {"act": "deliver"}),
    "resume": ("POST", "/api/v1/cases/{case}/acts", {"act": "resume"}),
    "reveal": ("POST", "/api/v1/cases/{case}/reveal", {"reason": "核对证件"}),
    "board": ("GET", "/api/v1/board", None),
    "drafts": ("GET", "/api/v1/drafts", None),
    "ratings": ("GET", "/api/v1/ratings", None),
    "traces": ("GET", "/api/v1/traces", None),
    "regions": ("PUT", "/api/v1/regions", {}),
    "officers": ("POST", "/api/v1/officers", {}),
    "leave": ("PATCH", "/api/v1/officers/pd.hr.wang", {}),
    "offices": ("PUT", "/api/v1/departments", {}),
    "changes": ("GET", "/api/v1/changes", None),
    "clock": ("POST", "/api/v1/clock", {}),
    "order": ("POST", "/api/v1/orders", {}),
    "promise": ("PUT", "/api/v1/matters/settlement/promise", {}),
    "settings": ("GET", "/api/v1/matters/settlement/settings", None),
    "promisable": ("PUT", "/api/v1/matters/settlement/promisable", {}),
    "supplement days": ("PUT", "/api/v1/matters/settlement/supplement-days", {}),
    "gap late": ("PUT", "/api/v1/matters/settlement/gap-late", {}),
    "appeal days": ("PUT", "/api/v1/matters/settlement/appeal-days", {}),
    "reply days": ("PUT", "/api/v1/matters/settlement/reply-days", {}),
    "fix days": ("PUT", "/api/v1/matters/settlement/fix-days", {}),
    "preview": ("PUT", "/api/v1/matters/settlement/fix-days?preview=true", {"fix_days": "soon"}),
    "alarm": ("PUT", "/api/v1/matters/settlement/alarms/step", {}),
}

# 200 seen or done, 409 may but not now, 422 may but says nothing, 403 sees it and may not, 404 is not there for them
READ = ("case", "events", "documents", "paper", "application")
SETTINGS = (
    "promise", "promisable", "gap late", "supplement days", "appeal days", "reply days", "fix days", "preview", "alarm",
)  # fmt: skip
OFFICE = ("traces", "regions", "officers", "leave", "offices", "changes", "clock", "order", "settings", *SETTINGS)
_NONE = dict.fromkeys([*READ, "task", "release", "deliver", "resume", "reveal"], 404) | dict.fromkeys(OFFICE, 403)
_NONE |= {"drafts": 403, "ratings": 403}
_SEES = _NONE | dict.fromkeys(READ, 200) | {"deliver": 403, "resume": 403, "reveal": 403, "board": 200}
EXPECTED = {
    "window": _SEES | {"ratings": 200, "drafts": 200, "task": 200, "release": 403, "deliver": 409, "reveal": 200},
    "window elsewhere": _NONE | {"ratings": 200, "board": 200, "drafts": 200},
    "handler": _SEES | {"task": 200, "release": 409, "reveal": 200},
    "reviewer": _SEES | {"task": 200, "release": 409, "reveal": 200},
    "handler elsewhere": _NONE | {"board": 200},
    "handler of the same case": _SEES | {"reveal": 200},
    "handler of no task": _NONE | {"board": 200},
    "coordinator who leads": _SEES | {"ratings": 200, "task": 200, "release": 403, "resume": 409},
    "coordinator of another matter": _NONE | {"ratings": 200, "board": 200},
    "service officer": _NONE | {"ratings": 200, "board": 403, "drafts": 200},
    "manager": _SEES | {"ratings": 200, "task": 200, "release": 403, "resume": 409, "order": 422},
    "manager elsewhere": _NONE | {"ratings": 200, "board": 200, "order": 422},
    "auditor": _SEES | {"ratings": 200, "task": 200, "release": 403, "traces": 200, "changes": 200},
    "administrator": _NONE
    | {"board": 403, "regions": 422, "officers": 422, "leave": 422, "offices": 422, "changes": 200, "clock": 422}
    | {"settings": 200, **dict.fromkeys(SETTINGS, 422)},
    "nobody": dict.fromkeys(ROUTES, 401),
}


@pytest.fixture(scope="module")
def places(hall) -> dict[str, str]:
    """One settlement under way in Pingdu."""
    numbers = hall.open("settlement")
    case = numbers["settlement"]
    paper = hall.document(case, "acceptance").no
    return {"application": numbers["no"], "case": case, "paper": paper, "task": hall.no(case, "eligibility")}


@pytest.mark.parametrize("who", WHO)
def test_each_role_meets_the_walls_of_the_table(sign_in, nobody, places, who):
    caller = sign_in(WHO[who]) if WHO[who] else nobody
    met = {}
    for route, (method, path, body) in ROUTES.items():
        answer = caller.http.request(method, path.format(**places), json=body)
        met[route] = answer.status_code
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
    assert met == {route: EXPECTED[who][route] for route in ROUTES}


@pytest.mark.parametrize("who", [who for who, table in EXPECTED.items() if table["case"] == 404])
def test_whoever_may_not_see_a_case_finds_it_in_no_list(sign_in, places, who):
    caller = sign_in(WHO[who])
    for path in ("/api/v1/cases", "/api/v1/applications", "/api/v1/tasks"):
        numbers = {row["no"] for row in caller.get(path).json()["items"]}
        assert not [no for no in numbers if no.startswith(places["application"])]
    assert caller.post("/api/v1/cases/search", {"q": places["case"]}).json()["items"] == []


def test_a_guessed_number_and_a_number_of_others_look_the_same(sign_in, places):
    caller = sign_in(WHO["handler elsewhere"])
    others = caller.get(f"/api/v1/cases/{places['case']}")
    guessed = caller.get("/api/v1/cases/RC-370283-20260918-999999-A-1B")
    assert (others.status_code, guessed.status_code) == (404, 404)
    assert others.json() == guessed.json()


def test_a_case_of_two_matters_shows_each_department_its_own(sign_in, hall):
    numbers = hall.open("settlement", "subsidy")
    finance = sign_in(officer(R.HANDLER, D.POLICE_STATION))
    shown = finance.get(f"/api/v1/applications/{numbers['no']}").json()
    assert [case["matter"] for case in shown["cases"]] == ["settlement"]
    assert all("settlement" in paper["matters"] for paper in shown["materials"])
    assert finance.get(f"/api/v1/cases/{numbers['settlement']}").json()["siblings"] == []


def test_a_hospital_is_shown_what_its_step_needs_and_no_more(sign_in, hall):
    case = hall.open("green_channel")["green_channel"]
    hall.finish(case, but={"execution", "services", "arrangement", "hospital"})
    mine = [task for task in hall.tasks(case) if task.department == "hospital"]
    assert mine and mine[0].sees
    seat = sign_in(hall.speaker(mine[0].no, level=1).username)
    answer = seat.get(f"/api/v1/cases/{case}")
    assert answer.status_code == 200
    shown = answer.json()
    assert set(shown["applicant"]) <= {"kind", "name", "mobile", "sex", "birth_date"}
    assert "*" in shown["applicant"]["mobile"]
    assert set(shown["form"]) <= set(mine[0].sees)
    assert (shown["materials"], shown["siblings"], shown["computed"]) == ([], [], {})
    assert {task["department"] for task in shown["tasks"]} == {"hospital"}
    assert seat.get(f"/api/v1/cases/{case}/documents").json()["items"] == []
    subjects = {event["subject"] for event in seat.get(f"/api/v1/cases/{case}/events").json()["items"]}
    assert subjects <= {task.no for task in mine}
    revealed = seat.post(f"/api/v1/cases/{case}/reveal", {"reason": "联系就诊人"}).json()["values"]
    assert "/applicant/id_number" not in revealed


def test_the_service_officer_sees_what_he_filed_for_somebody(sign_in, hall):
    username = officer(R.SERVICE_OFFICER, D.TALENT_CENTRE)
    mine = next(one for one in hall.officers if one.username == username)
    received = hall.receive(hall.body("settlement"), by=mine)
    case = received.cases[0]["no"]
    assert sign_in(username).get(f"/api/v1/cases/{case}").json()["status"] == "submitted"
    assert sign_in(username).get("/api/v1/cases").json()["items"][0]["no"] == case


def test_reading_a_dossier_and_revealing_leave_a_trace(sign_in, places):
    handler = sign_in(WHO["handler"])
    handler.get(f"/api/v1/cases/{places['case']}")
    answer = handler.post(f"/api/v1/cases/{places['case']}/reveal", {"reason": "与证件原件核对"})
    assert len(answer.json()["values"]["/applicant/id_number"]) == 18
    auditor = sign_in(WHO["auditor"])
    traces = auditor.get("/api/v1/traces", params={"application": places["application"]}).json()["items"]
    assert (traces[0]["act"], traces[0]["reason"]) == ("reveal", "与证件原件核对")
    assert "read" in {trace["act"] for trace in traces}
    assert all(trace["terminal"].startswith("127.0.0.1") for trace in traces)


def test_an_identity_number_is_masked_in_every_answer(sign_in, hall):
    body = hall.body("settlement", "subsidy")
    received = hall.receive(body)
    window = sign_in(WHO["window"])
    secrets = {body["applicant"]["id_number"], body["matters"]["subsidy"]["account_no"], body["applicant"]["mobile"]}
    for path in (f"applications/{received.no}", f"cases/{received.cases[0]['no']}", f"cases/{received.cases[1]['no']}"):
        for more in ("", "/events", "/documents") if path.startswith("cases") else ("",):
            text = window.get(f"/api/v1/{path}{more}").text
            assert not [secret for secret in secrets if secret in text]


def test_an_upload_is_read_by_whoever_made_it_and_once_handed_in_by_its_departments(sign_in, hall):
    window, handler = sign_in(WHO["window"]), sign_in(WHO["handler"])
    pdf = b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"
    given = window.http.post("/api/v1/files", files={"file": ("../../页面.html", pdf, "text/html")}).json()
    path = f"/api/v1/files/{given['id']}"
    assert (given["name"], given["content_type"]) == ("页面.html", "application/pdf")
    assert handler.get(path).status_code == 404
    body = hall.body("settlement", missing={"photo"})
    body["materials"].append({"code": "photo", "file": given["id"]})
    assert window.post("/api/v1/applications", body).status_code == 201
    answer = handler.get(path)
    assert answer.content == pdf
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert sign_in(WHO["handler elsewhere"]).get(path).status_code == 404
    assert sign_in(WHO["administrator"]).get(path).status_code == 404


def test_what_an_administrator_changes_is_on_record_and_holds_at_once(sign_in, places):
    administrator = sign_in(WHO["administrator"])
    member = {"role": "handler", "department": "human_resources", "region": PINGDU}
    new = {"username": "pd.hr.new", "name": "新来的", "members": [member], "reason": "新录用"}
    assert administrator.post("/api/v1/officers", new).status_code == 201
    assert administrator.post("/api/v1/officers", new).json()["code"] == "already_there"
    somebody = sign_in("pd.hr.new")
    assert somebody.get(f"/api/v1/cases/{places['case']}").status_code == 200
    gone = administrator.http.patch("/api/v1/officers/pd.hr.new", json={"active": False, "reason": "离职"})
    assert gone.json()["active"] is False
    assert somebody.get(f"/api/v1/cases/{places['case']}").status_code == 401
    changes = administrator.get("/api/v1/changes").json()["items"]
    assert [(c["subject"], c["reason"]) for c in changes[:2]] == [
        ("officer/pd.hr.new", "离职"),
        ("officer/pd.hr.new", "新录用"),
    ]


def test_wrong_roles_and_places_of_a_new_officer_are_said_all_at_once(sign_in):
    members = [
        {"role": "handler", "department": "human_resources", "region": "110101"},
        {"role": "handler", "department": "police_station", "region": PINGDU, "office": "nowhere"},
    ]
    new = {"username": "pd.hr.nobody", "name": "某", "members": members, "reason": "录用"}
    answer = sign_in(WHO["administrator"]).post("/api/v1/officers", new)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["/members/0/region", "/members/1/office"]
