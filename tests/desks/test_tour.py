"""Every page: there, accessible, light enough, seen by whom it is for and by nobody else."""

from __future__ import annotations

import pytest

from tests.kit.browser import PHONE, Site, accessible
from tests.kit.tour import Scene, Walk, page_routes, stops

BYTES = 200_000
ELSEWHERE = {
    "/live": "a stream",
    "/news": "a part of every page",
    "/account/password": "the same page as /account",
    "/sign-in/city": "leads away",
    "/sign-in/city/back": "comes back",
}
"""Pages that are told of in stories of their own."""
NO_PAGES = (".pdf", ".xlsx", ".svg", "/thumbnail", "/files/{no}")


@pytest.fixture(scope="module")
def scene(served: str, desk_engine) -> Scene:
    return Scene(desk_engine)


def test_every_page_is_there_accessible_and_light(site: Site, scene: Scene) -> None:
    walk = Walk(site, scene)
    for stop in stops(scene):
        page = walk.go(stop)
        accessible(page)
        assert len(page.content().encode()) < BYTES, stop
        if stop.phone:
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], stop


def test_no_page_was_left_out_of_the_tour(scene: Scene) -> None:
    shown = {stop.route for stop in stops(scene)}
    left = {route for method, route in page_routes() if method == "GET" and not route.endswith(NO_PAGES)}
    assert left - shown - set(ELSEWHERE) == set()
