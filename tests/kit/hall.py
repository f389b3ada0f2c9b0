"""A demo hall (政务大厅) for tests: its officers by role, synthetic applicants, and each act in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, insert, text

from flows import access
from flows.access import Actor
from flows.casework import acts, intake
from flows.desks import desk
from flows.matter import Matter
from flows.registry import matters as all_matters
from forms.intake import read_intake
from forms.materials import checklist
from forms.messages import CASE_ACT, TASK_ACT
from forms.vocabulary import Department, Role
from infra.demo import bodies
from infra.demo.people import People
from infra.demo.seed import seed
from infra.store.papers import FILES

PINGDU, LAIXI = "370283", "370285"
DAY = date(2026, 9, 18)  # a Friday
MORNING = datetime(2026, 9, 18, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
BUNDLE = ("settlement", "schooling", "green_channel", "subsidy")

_OFFICERS = """
SELECT o.id, o.username, o.name, json_agg(json_build_array(m.role, m.department, m.region, m.office) ORDER BY m.id)
FROM officers o JOIN memberships m ON m.officer_id = o.id GROUP BY o.id ORDER BY o.id
"""
_crowds: WeakKeyDictionary[Engine, tuple[People, count[int]]] = WeakKeyDictionary()
"""The people drawn over each database: two draws of their own could bring the same person, who may not apply twice."""

TASK_PARTS = 7
"""A task's number has seven parts, a case's six, an application's five."""


class Row(SimpleNamespace):
    """A row as it stands in the database."""


class Hall:
    """Officers and applicants over one database; `now` is the moment of every act and moves only when told."""

    def __init__(self, engine: Engine) -> None:
        """Seat the demo officers; nobody who applies has applied at another hall over the same engine."""
        self.engine = engine
        self.now = MORNING
        self.people, self._births = _crowds.setdefault(engine, (People(1, DAY), count()))
        with engine.begin() as conn:
            seed(conn)
            found = conn.execute(text(_OFFICERS)).all()
        self.officers = [
            access.officer(key, name, [tuple(m) for m in members], username=username)
            for key, username, name, members in found
        ]
        self.window = self.actor(Role.WINDOW, Department.WINDOW)
        self.manager = self.actor(Role.MANAGER, Department.SUPERVISION)

    # who sits where

    def actor(
        self, role: str, department: str, region: str = PINGDU, office: str | None = None, *, nth: int = 0
    ) -> Actor:
        """Return the nth officer with exactly that seat; one of the whole department where an office has none."""
        for seat in (
            (role, department, region, office),
            (role, department, region, None),
            (role, department, "*", None),
        ):
            found = [one for one in self.officers if access.Member(*seat) in one.members]
            if found:
                return found[nth]
        raise LookupError(f"nobody is {role} of {department} in {region}")

    def coordinator(self, case_no: str) -> Actor:
        """Return the coordinator of the lead department of a case."""
        case = self.case(case_no)
        return self.actor(Role.COORDINATOR, case.lead, case.region)

    def speaker(self, task_no: str, *, nth: int = 0, level: int | None = None) -> Actor:
        """Return somebody who may speak on a task at its present level (or at `level`)."""
        task = self.task(task_no)
        role = access.level_roles(level or task.level, task.levels)[0]
        return self.actor(role, task.department, task.region, task.office, nth=nth)

    def colleague(self, task_no: str) -> Actor:
        """Return another one who may speak at level one of a task."""
        return self.speaker(task_no, nth=1, level=1)

    # who applies for what

    def body(self, *codes: str, missing: Iterable[str] = (), promised: bool = True, **options: Any) -> dict[str, Any]:
        """Return the body of a new person's application for `codes`: complete, from shared data, the rest promised.

        `missing` papers are left out. `route` and `hukou` are those of the child, `accept` goes into the body,
        `forms` changes what the matters' forms say, `head` what the head says.
        """
        person = self.people.person(talent="B")
        spouse = self.people.relative(person, "spouse")
        child = self.people.child(person, date(2020, 1, 2) + timedelta(days=next(self._births) % 240))
        account = self.people.account(person)
        made = {
            "settlement": lambda: bodies.settlement(person, PINGDU, self.people.property_certificate_no()),
            "schooling": lambda: {
                **bodies.schooling(person, child, PINGDU, 2026, route=options.get("route", "settled")),
                "hukou_in_district": options.get("hukou", "settlement" not in codes),
            },
            "green_channel": lambda: bodies.green_channel(person, PINGDU, spouse, self.people.mobile()),
            "subsidy": lambda: bodies.subsidy(person, account, "P3c", DAY),
        }
        forms = {code: {**made.get(code, dict)(), **options.get("forms", {}).get(code, {})} for code in codes}
        head = {**person.applicant(spouse, child), **options.get("head", {})}
        body = bodies.body(PINGDU, head, forms, [], accept=options.get("accept", True))
        body["materials"] = self.papers(body, missing=set(missing), promised=promised)
        return body

    def papers(
        self, body: Mapping[str, Any], *, missing: set[str] = frozenset(), promised: bool = True
    ) -> list[dict[str, Any]]:
        """Return the papers that a body wants: shared where they can be, else promised; those in `missing` not."""
        known = {code: matter.form for code, matter in all_matters().items()}
        read = read_intake(dict(body), known, today=self.today, regions={PINGDU, LAIXI})
        handed = []
        for item in checklist(read.applicant, read.forms):
            if item.material.code in missing:
                continue
            if item.material.shared_from:
                handed.append({"code": item.material.code, "shared": True})
            elif item.material.gap_allowed and promised:
                handed.append({"code": item.material.code, "promised": True})
        return handed

    def upload(self, key: str, by: Actor) -> str:
        """Have a file of that key and content uploaded by an officer, and return the key."""
        row = {"id": key, "name": "合同.pdf", "sha256": key, "size": 1, "content_type": "application/pdf",
               "region": PINGDU, "uploaded_by": by.id, "uploaded_at": self.now}  # fmt: skip
        with self.engine.begin() as conn:
            conn.execute(insert(FILES), row)
        return key

    # acts

    @property
    def today(self) -> date:
        """The day in China."""
        return self.now.astimezone(ZoneInfo("Asia/Shanghai")).date()

    def later(self, **units: float) -> date:
        """Move the moment of acts on, and return the day it is then."""
        self.now += timedelta(**units)
        return self.today

    def day(self, days: int) -> str:
        """Return the day that many days from now, as an act states it."""
        return (self.today + timedelta(days=days)).isoformat()

    def receive(
        self, body: dict[str, Any], *, by: Actor | None = None, matters: Mapping[str, Matter] | None = None
    ) -> Any:
        """Hand an application in at the window; return what the applicant takes home."""
        with desk(by or self.window, now=self.now, terminal="test", engine=self.engine) as seat:
            return intake.receive(seat, body, matters=matters)

    def open(self, *codes: str, **options: Any) -> dict[str, str]:
        """Hand in an application for `codes`; return the numbers of its cases by matter, the application's as "no"."""
        received = self.receive(self.body(*codes, **options))
        return {"no": received.no} | {case["matter"]: case["no"] for case in received.cases}

    def act(self, no: str, act: str, by: Actor, *, if_match: int | None = None, **fields: Any) -> Any:
        """Do one act on a case or a task, as the number tells; return what the verb gave."""
        wire = {"act": act, **fields}
        with desk(by, now=self.now, terminal="test", engine=self.engine) as seat:
            if no.count("-") + 1 == TASK_PARTS:
                return acts.act_on_task(seat, no, TASK_ACT.validate_python(wire), if_match=if_match)
            return acts.act_on_case(seat, no, CASE_ACT.validate_python(wire), if_match=if_match)[1]

    def approve(self, task_no: str, **fields: Any) -> None:
        """Approve a task through all the levels that are left, each by another officer."""
        while self.task(task_no).status in ("pending", "received", "reviewing"):
            self.act(task_no, "approve", self.holder(task_no), **fields)
            fields = {}

    def refuse(self, task_no: str) -> None:
        """Refuse a task through all the levels that are left."""
        while self.task(task_no).status in ("pending", "received", "reviewing"):
            self.act(task_no, "refuse", self.holder(task_no), **REFUSAL)

    def holder(self, task_no: str) -> Actor:
        """Return who has the task in hand, or somebody who may take it."""
        held = self.task(task_no).officer_id
        return next((one for one in self.officers if one.id == held), None) or self.speaker(task_no)

    def finish(self, *case_nos: str, but: Iterable[str] = ()) -> None:
        """Approve whatever is in hand, step after step, until nothing but the steps in `but` is."""
        while True:
            tasks = [
                task
                for no in case_nos
                for task in self.tasks(no)
                if task.status in ("pending", "received", "reviewing") and task.step not in but
            ]
            if not tasks:
                return
            for task in tasks:
                self.approve(task.no)

    # what is on record

    def rows(self, query: str, **values: Any) -> list[Row]:
        """Return rows of the database."""
        with self.engine.connect() as conn:
            return [Row(**row) for row in conn.execute(text(query), values).mappings()]

    def case(self, no: str) -> Row:
        """Return a case."""
        return self.rows("SELECT * FROM cases WHERE no = :no", no=no)[0]

    def application(self, no: str) -> Row:
        """Return an application."""
        return self.rows("SELECT * FROM applications WHERE no = :no", no=no)[0]

    def tasks(self, case_no: str) -> list[Row]:
        """Return the tasks of a case in the order of its plan."""
        query = "SELECT t.* FROM tasks t JOIN cases c ON c.id = t.case_id WHERE c.no = :no ORDER BY t.position"
        return self.rows(query, no=case_no)

    def task(self, no: str, step: str | None = None) -> Row:
        """Return a task by its number, or by its case's number and its step."""
        if step is None:
            return self.rows("SELECT * FROM tasks WHERE no = :no", no=no)[0]
        return next(task for task in self.tasks(no) if task.step == step)

    def no(self, case_no: str, step: str) -> str:
        """Return the number of the task of a step."""
        return str(self.task(case_no, step).no)

    def status(self, case_no: str) -> dict[str, str]:
        """Return the status of each step of a case."""
        return {task.step: task.status for task in self.tasks(case_no)}

    def events(self, case_no: str) -> list[Row]:
        """Return the record of a case, oldest first."""
        return self.rows(
            "SELECT e.* FROM events e JOIN cases c ON c.id = e.case_id WHERE c.no = :no ORDER BY e.seq", no=case_no
        )

    def acts(self, case_no: str) -> list[str]:
        """Return the acts on a case and its tasks, oldest first."""
        return [event.act for event in self.events(case_no)]

    def documents(self, case_no: str) -> list[Row]:
        """Return the documents of a case, oldest first."""
        return self.rows(
            "SELECT d.* FROM documents d JOIN cases c ON c.id = d.case_id WHERE c.no = :no ORDER BY d.id", no=case_no
        )

    def document(self, case_no: str, kind: str) -> Row:
        """Return the last document of a kind."""
        return [one for one in self.documents(case_no) if one.kind == kind][-1]

    def open_pauses(self, case_no: str) -> list[Row]:
        """Return the pauses of a case that have not ended."""
        query = "SELECT p.* FROM pauses p JOIN cases c ON c.id = p.case_id WHERE c.no = :no AND p.ended_at IS NULL"
        return self.rows(query, no=case_no)

    def supplements(self, case_no: str) -> list[Row]:
        """Return the lists of what is missing, oldest first."""
        query = "SELECT s.* FROM supplements s JOIN cases c ON c.id = s.case_id WHERE c.no = :no ORDER BY s.id"
        return self.rows(query, no=case_no)


REFUSAL = {"reason_code": "not_eligible", "reason": "不符合条件", "basis": "平发〔2022〕22号 第19条"}
"""What a refusal needs to say."""
