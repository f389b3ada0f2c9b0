"""Drafts over HTTP: saved, found again, handed in with their files, nobody else's."""

from __future__ import annotations

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import HR, officer, refused, settlement_body

WINDOW, COLLEAGUE = officer(R.WINDOW, D.WINDOW), officer(R.WINDOW, D.WINDOW, n=1)
DRAFTS = "/api/v1/drafts"
PDF = b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"


def test_a_form_half_filled_is_continued_and_handed_in_with_its_file(sign_in):
    window = sign_in(WINDOW)
    body = settlement_body()
    file = window.http.post("/api/v1/files", files={"file": ("照片.pdf", PDF)}).json()["id"]
    body["materials"] = [m for m in body["materials"] if m["code"] != "photo"] + [{"code": "photo", "file": file}]
    half = {**body, "applicant": {"kind": "person", "name": body["applicant"]["name"]}}
    saved = window.post(DRAFTS, {"body": half})
    assert saved.status_code == 201
    path = saved.headers["location"]
    assert window.get(path).json()["body"] == half
    assert window.http.put(path, json={"title": "一家四口", "body": body}).json()["version"] == 2
    assert window.get(DRAFTS).json()["items"][0]["title"] == "一家四口"
    given = window.post("/api/v1/applications", body, params={"draft": path.rpartition("/")[2]})
    assert given.status_code == 201, given.text
    refused(window.get(path), 404, "not_found")
    assert window.get(f"/api/v1/files/{file}").content == PDF


def test_a_draft_of_others_is_not_there(sign_in):
    path = sign_in(WINDOW).post(DRAFTS, {"body": {}}).headers["location"]
    for who in (COLLEAGUE, HR, officer(R.MANAGER, D.SUPERVISION), officer(R.ADMINISTRATOR, D.SUPERVISION)):
        caller = sign_in(who)
        refused(caller.get(path), 404, "not_found")
        refused(caller.http.delete(path), 404, "not_found")
    refused(sign_in(HR).get(DRAFTS), 403, "not_allowed")
    refused(sign_in(HR).post(DRAFTS, {"body": {}}), 403, "not_allowed")
    assert sign_in(WINDOW).http.delete(path).status_code == 204
    refused(sign_in(WINDOW).get(path), 404, "not_found")


def test_a_stale_version_of_a_draft_is_refused(sign_in):
    window = sign_in(WINDOW)
    path = window.post(DRAFTS, {"body": {}}).headers["location"]
    tag = window.get(path).headers["etag"]
    assert window.http.put(path, json={"body": {}}, headers={"If-Match": tag}).status_code == 200
    refused(window.http.put(path, json={"body": {}}, headers={"If-Match": tag}), 412, "stale")


def test_what_is_no_draft_is_refused_in_words(sign_in):
    window = sign_in(WINDOW)
    for body, field in (({}, "/body"), ({"body": []}, "/body"), ({"body": {}, "officer": 1}, "/officer")):
        assert refused(window.post(DRAFTS, body), 422, "invalid")["errors"][0]["field"] == field
    refused(window.get(f"{DRAFTS}/d_none"), 404, "not_found")
