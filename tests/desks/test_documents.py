"""Documents on the screen: the sheet as it is printed, for the officer and for the applicant, with its PDF."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.desks.test_applicant import opens
from tests.kit import PATIENCE
from tests.kit.browser import Site, accessible
from tests.kit.hall import LAIXI

SHEET = 673
"""The width of a sheet of A4 between its margins, in pixels of 1/96 inch."""
WIDEST = (
    "Math.max(...Array.from(document.querySelectorAll('main td, main th'), one => one.getBoundingClientRect().right))"
)


def shown(page: Page, path: str) -> str:
    page.goto(path)
    expect(page.locator(".paper")).to_be_visible()
    accessible(page)
    return str(page.inner_text(".paper"))


def pdf(page: Page) -> httpx.Response:
    """What the link on the page leads to, with the cookies of the browser."""
    address = page.locator("a", has_text="下载 PDF").get_attribute("href") or ""
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    base = page.evaluate("location.origin")
    return httpx.get(base + quote(address, safe="/%"), cookies=cookies, trust_env=False, timeout=PATIENCE)


def test_an_officer_reads_a_document_as_it_is_printed(site: Site) -> None:
    case = site.hall.open("settlement")["settlement"]
    site.hall.refuse(site.hall.no(case, "eligibility"))
    decision = site.hall.document(case, "decision_refused")
    page = site.person(site.hall.manager.username)
    said = shown(page, f"/cases/{case}/documents/{decision.no}")
    for words in (
        "不予决定书",
        decision.no,
        "二〇",
        "申请行政复议",
        bytes(decision.hash).hex(),
        decision.content["addressee"],
    ):
        assert words in said
    answer = pdf(page)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    elsewhere = site.person(site.hall.actor("manager", "supervision", LAIXI).username)
    answered = elsewhere.goto(f"/cases/{case}/documents/{decision.no}")
    assert answered is not None and answered.status == 404


def test_the_applicant_reads_the_own_documents_on_a_phone_and_nobody_elses(site: Site) -> None:
    received = site.hall.receive(site.hall.body("settlement"))
    mine = site.hall.document(received.cases[0]["no"], "acceptance").no
    others = site.hall.document(site.hall.open("green_channel")["green_channel"], "acceptance").no
    page = site.visitor(phone=True)
    opens(page, received.no, received.code)
    assert "受理通知书" in shown(page, f"/progress/documents/{mine}")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert pdf(page).status_code == 200
    answered = page.goto(f"/progress/documents/{others}")
    assert answered is not None and answered.status == 404


def test_who_is_not_signed_in_reads_no_document(site: Site) -> None:
    case = site.hall.open("settlement")["settlement"]
    no = site.hall.document(case, "acceptance").no
    for path in (f"/cases/{case}/documents/{no}", f"/cases/{case}/documents/{no}.pdf", f"/progress/documents/{no}.pdf"):
        answer = httpx.get(site.base + quote(path), trust_env=False, timeout=PATIENCE)
        assert answer.status_code == 303, path


@pytest.mark.parametrize(
    ("role", "department", "path"),
    [
        ("manager", "supervision", "/watch/report"),
        ("manager", "supervision", "/watch/tasks"),
        ("handler", "human_resources", "/inbox"),
        ("window", "window", "/window"),
    ],
)
def test_a_list_in_print_leaves_nothing_beside_the_sheet(site: Site, role: str, department: str, path: str) -> None:
    site.hall.open("settlement", "schooling")
    page = site.person(site.hall.actor(role, department).username)
    page.goto(path)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": SHEET, "height": 1000})
    assert page.evaluate(WIDEST) <= SHEET
