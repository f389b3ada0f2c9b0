"""Every page: there, accessible, light enough, seen by whom it is for and by nobody else."""

from __future__ import annotations

import pytest

from tests.kit.browser import DESK, PHONE, Site, accessible
from tests.kit.tour import Scene, Walk, page_routes, stops

BYTES = 200_000
ELSEWHERE = {
    "/live": "a stream",
    "/news": "a part of every page",
    "/account/password": "the same page as /account",
    "/sign-in/city": "leads away",
    "/sign-in/city/back": "comes back",
    "/inbox/acts": "leads back to the inbox",
    "/watch/{what}/together": "leads back to the list",
}
"""Pages that are told of in stories of their own."""
_WIDE = """() => {
  const wide = [...document.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth + 1);
  const told = (one) => one.tabIndex === 0 && getComputedStyle(one, "::before").content.includes("左右滑动");
  return [wide.length, wide.filter((one) => !told(one)).map((one) => one.ariaLabel || one.outerHTML.slice(0, 120))];
}"""
"""How many tables are wider than the screen, and which of them do not say that they move."""
NO_PAGES = (".pdf", ".xlsx", ".svg", "/thumbnail", "/files/{no}")


@pytest.fixture(scope="module")
def scene(served: str, desk_engine) -> Scene:
    return Scene(desk_engine)


def test_every_page_is_there_accessible_light_and_fits_a_telephone(site: Site, scene: Scene) -> None:
    """On a narrow screen nothing moves sideways but tables, and those say so."""
    walk = Walk(site, scene)
    wide = 0
    for stop in stops(scene):
        page = walk.go(stop)
        accessible(page)
        assert len(page.content().encode()) < BYTES, stop
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], stop
        tables, silent = page.evaluate(_WIDE)
        assert silent == [], (stop, "a table goes on beyond the edge, and nothing says so")
        if tables and not wide:
            accessible(page)
        wide += tables
        page.set_viewport_size(PHONE if stop.phone else DESK)
    assert wide > 0


def test_no_page_was_left_out_of_the_tour(scene: Scene) -> None:
    shown = {stop.route for stop in stops(scene)}
    left = {route for method, route in page_routes() if method == "GET" and not route.endswith(NO_PAGES)}
    assert left - shown - set(ELSEWHERE) == set()
