"""A clerk filling in the sheet: every field of an intake typed, chosen or ticked where the page shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Page

from api.sheet.drawn import Blank, Drawing
from api.sheet.plan import Plan, plan_of
from flows.registry import matters
from forms.privacy import at
from forms.schema import merged_schema
from infra.demo.organisation import PASSWORD
from tests.kit import PATIENCE
from tests.kit.browser import Site


def plan_for(body: dict[str, Any]) -> Plan:
    """Return the sheet that the page draws for this body."""
    return plan_of(merged_schema({code: matters()[code].form for code in body["matters"]}), body["applicant"]["kind"])


def fill(page: Page, body: dict[str, Any], *parts: str) -> None:
    """Fill in the parts ("applicant", a matter's code) of the sheet; lists get their entries by the page's buttons.

    The fields are set at one stroke, each with the events that typing and choosing make: what is told here is what
    becomes of the form, the stories type where typing is what they tell.
    """
    page.evaluate(_SET, wanted(page, body, *parts))


def wanted(page: Page, body: dict[str, Any], *parts: str) -> list[tuple[str, str]]:
    """Return the fields of these parts with what goes into them; lists have got their entries."""
    plan = plan_for(body)
    drawing = Drawing(body)
    blanks: list[Blank] = []
    for part in parts or ("applicant", *plan.matters):
        where = "/applicant" if part == "applicant" else f"/matters/{part}"
        blanks += drawing.blanks(where, plan.applicant if part == "applicant" else plan.matters[part][1])
    page.wait_for_load_state()
    return [pair for blank in blanks for pair in _values(page, body, blank)]


_SET = """(pairs) => {
  for (const [name, value] of pairs) {
    for (const one of document.getElementsByName(name)) {
      if (one.type === "radio" || one.type === "checkbox") { if (one.value !== value) continue; one.checked = true; }
      else one.value = value;
      one.dispatchEvent(new Event("input", { bubbles: true }));
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}"""


def _values(page: Page, body: dict[str, Any], blank: Blank) -> Iterator[tuple[str, str]]:
    kind = blank.piece.kind
    if kind == "rows":
        entries = at(body, blank.name)
        pairs: list[tuple[str, str]] = []
        for place, row in enumerate(blank.rows[: len(entries) if isinstance(entries, list) else 0]):
            if page.locator(f'[id="f-{blank.name}/{place}"]').count() == 0:
                page.evaluate(_SET, pairs)  # an entry is kept before the next one is asked for
                page.click(f'button[value="add:{blank.name}"]')
                page.wait_for_load_state()
            pairs += [pair for one in row for pair in _values(page, body, one)]
        yield from pairs
    elif kind in ("group", "lines"):
        inside = blank.parts if kind == "group" and blank.open else [one for row in blank.rows for one in row]
        yield from (pair for one in inside for pair in _values(page, body, one))
    elif kind in ("many", "picked", "yesno"):
        yield from ((blank.name, code) for code, _, chosen in blank.options if chosen)
    elif kind not in ("hidden", "file") and blank.value:
        yield blank.name, str(blank.value)


def sign_everything(page: Page) -> None:
    """Tick every consent."""
    boxes = page.locator("#consents input[type=checkbox]")
    for place in range(boxes.count()):
        boxes.nth(place).check()


def word_of(text: str) -> str:
    """Return the word that the forms of a page carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
    assert found is not None
    return found[1]


@contextmanager
def entered(site: Site, username: str) -> Iterator[httpx.Client]:
    """Give a browser without pages at which the officer has signed in."""
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE, follow_redirects=True) as client:
        word = word_of(client.get("/sign-in").text)
        client.post("/sign-in", data={"csrf": word, "username": username, "password": PASSWORD})
        yield client


def new_draft(client: httpx.Client, *codes: str) -> tuple[str, str]:
    """Begin a draft for these matters; return its address and the word its forms carry."""
    word = word_of(client.get("/window/new").text)
    shown = client.post("/window/new", data={"csrf": word, "matters": list(codes), "kind": "person"})
    assert shown.status_code == 200 and "/window/drafts/d_" in str(shown.url)
    return shown.url.path, word_of(shown.text)
