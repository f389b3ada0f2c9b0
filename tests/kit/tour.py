"""A tour of every page (页面巡览): a lived-in hall, who sees which page, and no page that nobody has looked at."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import Engine

import api.pages
from flows import access, standins, supervision, watch
from flows.access import Actor
from flows.bundles import PRESETS
from flows.casework import applicant, drafts
from flows.desks import desk
from forms.applicant import APPLICANT_ACTS
from forms.drafts import DraftIn
from forms.messages import read_act
from forms.standins import StandInIn
from forms.supervision import OpenOrder
from forms.vocabulary import Department, Role
from infra import clock
from tests.kit.browser import Site
from tests.kit.hall import BUNDLE, LAIXI, PINGDU, Hall

LATE_DAYS = 40
APPLICANTS = ("applicant", "rater")
"""Whose application is under way, and whose is done."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A page of the tour: its address, who looks at it, and whether on a telephone."""

    route: str
    path: str
    who: str = ""
    phone: bool = False

    @property
    def name(self) -> str:
        """The name of its picture."""
        words = self.route.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "home"
        return f"{self.who or 'public'}-{words}{'-phone' if self.phone else ''}"


class Scene:
    """A hall that has been lived in: late, paused, refused, delivered and badly rated cases, a draft, an order."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        hall = self.hall = Hall(engine)
        with engine.connect() as conn:
            now = clock.now(conn)
        hall.now = now - timedelta(days=LATE_DAYS)
        self.late = hall.open("settlement")["settlement"]
        hall.open("schooling", "green_channel")
        hall.now = now - timedelta(days=6)
        refused = hall.open("green_channel")["green_channel"]
        hall.refuse(next(task.no for task in hall.tasks(refused) if task.status == "pending"))
        paused = hall.open("settlement")["settlement"]
        task = hall.no(paused, "eligibility")
        hall.act(task, "claim", hall.speaker(task))
        hall.act(task, "suspend", hall.holder(task), kind="expert_review", ground="行政许可法 第45条",
                 until=hall.day(20))  # fmt: skip
        self.asked = hall.open("settlement")["settlement"]
        asking = hall.no(self.asked, "eligibility")
        hall.act(asking, "claim", hall.speaker(asking))
        hall.now = now - timedelta(days=2)
        self.done = self._received("settlement", "green_channel")
        hall.finish(*self.done.values())
        hall.now = now
        given = hall.receive(hall.body(*BUNDLE))
        self.no, self.code = given.no, given.code
        self.cases = {one["matter"]: one["no"] for one in given.cases}
        self.task = next(task.no for task in hall.tasks(self.cases["settlement"]) if task.status == "pending")
        waiting = hall.receive(hall.body("settlement", missing={"id_card"}, promised=False) | {"accept": False})
        self.waiting = waiting.cases[0]["no"]
        asked = hall.receive(hall.body("settlement", missing={"id_card"}, promised=False) | {"accept": False})
        self.to_bring = asked.cases[0]["no"]
        bring = [{"code": "id_card", "note": "请带原件"}]
        hall.act(self.to_bring, "request-supplement", hall.window, items=bring, until=hall.day(9))
        self.waiting_no, self.waiting_code = waiting.no, waiting.code
        for matter in ("settlement", "schooling", "green_channel"):
            watch.fire(matter, engine)
        self.doors = {"applicant": (self.no, self.code), "rater": (self.done_no, self.done_code)}
        self._rated(self.done["settlement"])
        self._staff()

    def _received(self, *codes: str) -> dict[str, str]:
        given = self.hall.receive(self.hall.body(*codes))
        self.done_no, self.done_code = given.no, given.code
        return {one["matter"]: one["no"] for one in given.cases}

    def _rated(self, case: str) -> None:
        who = access.applicant(self.hall.application(self.done_no).id, self.done_no)
        with desk(who, now=self.hall.now, engine=self.engine) as seat:
            said = {"act": "rate", "case": case, "grade": 5, "comment": "等得太久"}
            applicant.act(seat, read_act(said, APPLICANT_ACTS))

    def _staff(self) -> None:
        hall = self.hall
        with desk(hall.window, now=hall.now, engine=self.engine) as seat:
            self.draft = drafts.save(seat, DraftIn(body=hall.body("settlement", "schooling")))["id"]
        with desk(hall.manager, now=hall.now, engine=self.engine) as seat:
            subject = self.cases["schooling"]
            message = OpenOrder(subject=subject, content="请说明进展，并于期限内办结。")
            self.order = supervision.open_order(seat, message)["no"]
        absent, colleague = (hall.actor(Role.HANDLER, Department.HUMAN_RESOURCES, nth=n) for n in (0, 1))
        with desk(absent, now=hall.now, engine=self.engine) as seat:
            told = {"officer": colleague.username, "from": hall.day(0), "until": hall.day(5), "reason": "外出培训"}
            standins.name(seat, StandInIn.model_validate(told))

    def people(self) -> dict[str, Actor]:
        """Return who looks: officers by a short name."""
        hall = self.hall
        return {
            "window": hall.window,
            "handler": hall.speaker(self.task),
            "elsewhere": hall.actor(Role.HANDLER, Department.YOUTH_LEAGUE),
            "neighbour": hall.actor(Role.HANDLER, Department.HUMAN_RESOURCES, LAIXI),
            "coordinator": hall.actor(Role.COORDINATOR, Department.PUBLIC_SECURITY, PINGDU),
            "manager": hall.manager,
            "auditor": hall.actor(Role.AUDITOR, Department.SUPERVISION),
            "administrator": hall.actor(Role.ADMINISTRATOR, Department.SUPERVISION),
        }

    def value(self, query: str, **values: Any) -> Any:
        """Return the one value of a query, to stand in an address."""
        return next(iter(vars(self.hall.rows(query, **values)[0]).values()))


def page_routes() -> Iterator[tuple[str, str]]:
    """Give method and path of every route of the pages."""
    for found in pkgutil.iter_modules(api.pages.__path__):
        yield from _routes(importlib.import_module(f"api.pages.{found.name}").ROUTER)


def _routes(router: Any) -> Iterator[tuple[str, str]]:
    for route in router.routes:
        if hasattr(route, "methods"):
            yield from ((method, route.path) for method in route.methods if method != "HEAD")
        else:
            yield from _routes(route.original_router)


def stops(scene: Scene) -> list[Stop]:
    """Return every page with an address that exists in the scene, and somebody who may see it."""
    officer = "SELECT username FROM officers WHERE active ORDER BY id LIMIT 1"
    document = scene.value(
        "SELECT d.no FROM documents d JOIN cases c ON c.id = d.case_id WHERE c.no = :no ORDER BY d.id LIMIT 1",
        no=scene.done["settlement"],
    )
    card = scene.value("SELECT id FROM alarms ORDER BY id LIMIT 1")
    settled, whole = scene.done["settlement"], scene.cases["settlement"]
    given: Mapping[str, list[Stop]] = {
        "handler": [
            Stop("/inbox", "/inbox"),
            Stop("/tasks/{no}", f"/tasks/{scene.task}"),
            Stop("/cases/{no}", f"/cases/{whole}"),
            Stop("/standins", "/standins"),
            Stop("/notices", "/notices"),
            Stop("/account", "/account"),
        ],
        "window": [
            Stop("/window", "/window"),
            Stop("/window/waiting/{which}", "/window/waiting/submitted"),
            Stop("/window/drafts", "/window/drafts"),
            Stop("/window/search", "/window/search"),
            Stop("/window/new", "/window/new"),
            Stop("/window/drafts/{no}", f"/window/drafts/{scene.draft}"),
            Stop("/window/cases/{no}", f"/window/cases/{scene.waiting}"),
            Stop("/window/cases/{no}/correct", f"/window/cases/{scene.waiting}/correct"),
            Stop("/window/cases/{no}/supplement", f"/window/cases/{scene.to_bring}/supplement"),
            Stop("/window/receipts/{no}", f"/window/receipts/{scene.no}"),
            Stop("/cases", "/cases"),
        ],
        "manager": [
            Stop("/watch", "/watch"),
            Stop("/watch/cases", "/watch/cases"),
            Stop("/watch/tasks", "/watch/tasks"),
            Stop("/watch/late", "/watch/late"),
            Stop("/watch/soon", "/watch/soon"),
            Stop("/watch/orders", "/watch/orders"),
            Stop("/watch/orders/new", f"/watch/orders/new?subject={whole}"),
            Stop("/watch/orders/{no}", f"/watch/orders/{scene.order}"),
            Stop("/watch/cards", "/watch/cards"),
            Stop("/watch/cards/{key}", f"/watch/cards/{card}"),
            Stop("/watch/ratings", "/watch/ratings"),
            Stop("/watch/ratings/{key}", f"/watch/ratings/{scene.value('SELECT id FROM ratings ORDER BY id LIMIT 1')}"),
            Stop("/watch/report", "/watch/report"),
            Stop("/orders/{no}/paper", f"/orders/{scene.order}/paper"),
            Stop("/cases/{no}", f"/cases/{settled}"),
            Stop("/cases/{no}/documents/{number}", f"/cases/{settled}/documents/{document}"),
        ],
        "administrator": [
            Stop("/admin", "/admin"),
            Stop("/admin/officers", "/admin/officers"),
            Stop("/admin/officers/new", "/admin/officers/new"),
            Stop("/admin/officers/{username}", f"/admin/officers/{scene.value(officer)}"),
            Stop("/admin/offices", "/admin/offices"),
            Stop("/admin/regions", "/admin/regions"),
            Stop("/admin/matters", "/admin/matters"),
            Stop("/admin/matters/{code}", "/admin/matters/subsidy"),
            Stop("/admin/calendar", "/admin/calendar"),
            Stop("/admin/sessions", "/admin/sessions"),
            Stop("/admin/settings", "/admin/settings"),
            Stop("/admin/changes", "/admin/changes"),
            Stop("/standins", f"/standins?absent={scene.people()['handler'].username}"),
        ],
        "auditor": [Stop("/admin/traces", "/admin/traces")],
        "": [
            Stop("/", "/"),
            Stop("/sign-in", "/sign-in"),
            Stop("/guide", "/guide"),
            Stop("/guide/{code}", "/guide/settlement"),
            Stop("/guide/bundles/{code}", f"/guide/bundles/{PRESETS[0].code}"),
            Stop("/progress", "/progress"),
        ],
        "applicant": [
            Stop("/progress/application", "/progress/application"),
            Stop("/progress/cases/{no}/withdraw", f"/progress/cases/{whole}/withdraw"),
            Stop("/progress/supplement", "/progress/supplement"),
        ],
        "rater": [
            Stop("/progress/cases/{no}/rate", f"/progress/cases/{scene.done['green_channel']}/rate"),
            Stop("/progress/documents/{number}", f"/progress/documents/{document}"),
        ],
    }
    found = [Stop(stop.route, stop.path, who) for who, several in given.items() for stop in several]
    phones = [Stop(stop.route, stop.path, stop.who, True) for stop in found if stop.who in ("", *APPLICANTS)]
    return found + phones


class Walk:
    """Goes through the tour with one browser for everybody."""

    def __init__(self, site: Site, scene: Scene) -> None:
        self.site, self.scene = site, scene
        self._pages: dict[tuple[str, bool], Page] = {}

    def page(self, who: str, *, phone: bool = False) -> Page:
        """Return the browser of that person, who has come in by the proper door."""
        if (who, phone) not in self._pages:
            if who in ("", *APPLICANTS):
                page = self.site.visitor(phone=phone)
                if who:
                    enter_progress(page, *self.scene.doors[who])
            else:
                page = self.site.person(self.scene.people()[who].username, phone=phone)
            self._pages[who, phone] = page
        return self._pages[who, phone]

    def go(self, stop: Stop) -> Page:
        """Stand before the page; it must be there."""
        page = self.page(stop.who, phone=stop.phone)
        answer = page.goto(stop.path)
        assert answer is not None, stop
        assert answer.status == 200, (stop, answer.status, page.inner_text("main")[:300])
        return page


def enter_progress(page: Page, no: str, code: str) -> None:
    """Come to the progress of an application as its applicant does."""
    page.goto("/progress")
    page.fill("input[name=no]", no)
    page.fill("input[name=code]", code)
    page.click("main form button")
    page.wait_for_url("**/progress/application")


def today(scene: Scene) -> date:
    """Return the day on which the scene plays."""
    return scene.hall.today
