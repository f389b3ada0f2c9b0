"""Bad input (坏输入): each a clear 4xx with a code, nothing half-written, never a 500."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import officer, refused
from tests.kit import PATIENCE

WINDOW = officer(R.WINDOW, D.WINDOW)
INTAKE = "/api/v1/applications"


NO_JSON = {
    "nothing": b"",
    "half an object": b'{"region": "370283"',
    "a trailing comma": b'{"region": "370283",}',
    "not a number": b'{"region": NaN}',
    "an infinite number": b'{"region": 1e999}',
    "minus infinity": b'{"region": -Infinity}',
    "an unpaired surrogate": b'{"region": "\\ud800"}',
    "bytes that are no UTF-8": b'{"region": "\xff\xfe"}',
    "a control character as it is": b'{"region": "a\x00b"}',
    "two values": b"{} {}",
    "depth beyond all reason": b"[" * 100_000 + b"]" * 100_000,
    "a number of 100,000 digits": b'{"region": ' + b"9" * 100_000 + b"}",
    "a page": b"<html></html>",
}


@pytest.mark.parametrize("what", NO_JSON)
def test_what_is_no_json_is_malformed(sign_in, untouched, what):
    for path in (INTAKE, "/api/v1/cases/RC-1/acts", "/api/v1/tasks/RC-1/acts", "/api/v1/cases/search"):
        answer = sign_in(WINDOW).http.post(path, content=NO_JSON[what], headers={"Content-Type": "application/json"})
        refused(answer, 400, "malformed")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"region": "370283", "region": "370285"}',
        b'{"applicant": {"name": "a", "name": "b"}}',
        b'{"a" :1,"a" :2}',
        b'{"\\u0061": 1, "a": 2}',
    ],
)
def test_a_name_that_comes_twice_is_refused(sign_in, untouched, raw):
    answer = sign_in(WINDOW).http.post(INTAKE, content=raw, headers={"Content-Type": "application/json"})
    refused(answer, 400, "duplicate_name")


def test_another_content_type_is_refused(sign_in, hall, untouched):
    raw = json.dumps(hall.body("settlement"))
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"):
        answer = sign_in(WINDOW).http.post(INTAKE, content=raw, headers={"Content-Type": kind})
        refused(answer, 415, "unsupported_media_type")


def test_every_error_of_every_matter_is_said_at_once(sign_in, hall, untouched):
    body = hall.body("settlement", "schooling", "green_channel", "subsidy")
    body["applicant"]["mobile"] = "123"
    body["matters"]["settlement"]["address_option"] = 9
    body["matters"]["schooling"]["child_id"] = "370283202003050000"
    body["matters"]["green_channel"]["insured_city"] = "\x07"
    del body["matters"]["subsidy"]["account_no"]
    errors = refused(sign_in(WINDOW).post(INTAKE, body), 422, "invalid")["errors"]
    fields = {error["field"] for error in errors}
    assert {
        "/applicant/mobile",
        "/matters/settlement/address_option",
        "/matters/schooling/child_id",
        "/matters/green_channel/insured_city",
        "/matters/subsidy/account_no",
    } <= fields
    assert all(error["message"] and error["code"] for error in errors)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"matters": {"marriage": {}}}, "/matters/marriage", "unknown_matter"),
        ({"matters": {}}, "/matters", "required"),
        ({"matters": []}, "/matters", "type"),
        ({"region": 370283}, "/region", "type"),
        ({"region": "999999"}, "/region", "choice"),
        ({"surprise": 1}, "/surprise", "unknown_field"),
        ({"applicant": None}, "/applicant", "type"),
        ({"channel": "pigeon"}, "/channel", "choice"),
        ({"materials": [{"code": "photo", "promised": True}] * 100_000}, "/materials", "too_large"),
        ({"accept": "yes"}, "/accept", "type"),
    ],
)
def test_what_is_wrong_with_the_body_is_said_where_it_stands(sign_in, hall, untouched, change, field, code):
    body = hall.body("settlement") | change
    answer = sign_in(WINDOW).post(INTAKE, body)
    if code == "too_large" and answer.status_code == 413:
        return
    errors = refused(answer, 422, "invalid")["errors"]
    assert (field, code) in {(error["field"], error["code"]) for error in errors}, errors


@pytest.mark.parametrize("value", ["长" * 5_000, "a\x00b", "a\u202eb", {"a": 1}, [1], 12, True, None, 1.5])
def test_a_name_that_is_no_name_is_refused_in_words(sign_in, hall, untouched, value):
    body = hall.body("settlement")
    body["applicant"]["name"] = value
    errors = refused(sign_in(WINDOW).post(INTAKE, body), 422, "invalid")["errors"]
    assert "/applicant/name" in {error["field"] for error in errors}


def test_a_body_nested_too_deep_is_refused(sign_in, hall, untouched):
    body = hall.body("settlement")
    deep: object = 1
    for _ in range(300):
        deep = [deep]
    body["applicant"]["family"] = deep
    refused(sign_in(WINDOW).post(INTAKE, body), 422, "invalid")


def test_fifty_megabytes_are_refused_and_the_server_goes_on(sign_in, nobody, untouched):
    answer = sign_in(WINDOW).http.post(
        INTAKE, content=b'{"region": "' + b"a" * 50_000_000 + b'"}', headers={"Content-Type": "application/json"}
    )
    refused(answer, 413, "too_large")
    assert nobody.get("/healthz").status_code == 200


def test_a_body_without_an_announced_end_is_cut_off_at_the_limit(sign_in, untouched):
    def endless():
        for _ in range(64):
            yield b" " * 65_536

    answer = sign_in(WINDOW).http.post(INTAKE, content=endless(), headers={"Content-Type": "application/json"})
    refused(answer, 413, "too_large")


def test_an_announced_size_is_refused_before_it_is_sent(server, untouched):
    place = urlsplit(server)
    with socket.create_connection((place.hostname, place.port), timeout=PATIENCE) as line:
        line.sendall(b"POST /api/v1/applications HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000000\r\n\r\n")
        assert line.recv(64).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"<script>alert(1)</script>", "file_type"),
        (b"MZ" + b"\0" * 100, "file_type"),
        (b"%PDF-1.4 cut off", "file_broken"),
        (b"%PDF-1.4\n" + b" " * 10_485_760 + b"%%EOF", "file_too_large"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused(sign_in, untouched, content, code):
    answer = sign_in(WINDOW).http.post("/api/v1/files", files={"file": ("a.pdf", content, "application/pdf")})
    assert code in {error["code"] for error in refused(answer, 422, "invalid")["errors"]}


def test_a_multipart_body_that_is_none_is_refused(sign_in, untouched):
    path, window = "/api/v1/files", sign_in(WINDOW).http
    refused(window.post(path, content=b"x", headers={"Content-Type": "multipart/form-data"}), 400, "malformed")
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    refused(window.post(path, content=b"--b\r\n\r\n", headers=kind), 400, "malformed")
    refused(window.post(path, json={}), 415, "unsupported_media_type")
    two = [("file", ("a.pdf", b"1")), ("file", ("b.pdf", b"2"))]
    refused(window.post(path, files=two), 400, "malformed")
