"""Pages of the staff on a telephone: nothing moves sideways but tables, and those say so."""

from __future__ import annotations

from dataclasses import replace

from tests.kit.browser import PHONE, Site, accessible
from tests.kit.tour import APPLICANTS, Scene, Walk, stops

_WIDE = """() => {
  const wide = [...document.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth + 1);
  const told = (one) => one.tabIndex === 0 && getComputedStyle(one, "::before").content.includes("左右滑动");
  return [wide.length, wide.filter((one) => !told(one)).map((one) => one.ariaLabel || one.outerHTML.slice(0, 120))];
}"""
"""How many tables are wider than the screen, and which of them do not say that they move."""


def test_no_page_of_the_staff_moves_sideways_on_a_telephone(site: Site) -> None:
    scene = Scene(site.engine)
    walk = Walk(site, scene)
    wide = 0
    for stop in stops(scene):
        if stop.who in ("", *APPLICANTS):
            continue
        page = walk.go(replace(stop, phone=True))
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], stop
        tables, silent = page.evaluate(_WIDE)
        assert silent == [], (stop, "a table goes on beyond the edge, and nothing says so")
        if tables:
            accessible(page)
        wide += tables
    assert wide > 0
