"""What is done on whole cases (窗口、协调员、督办): filing, the script's acts, handing over."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import date
from http import HTTPStatus
from typing import Any

from api.simulation.caller import Caller, Reply
from api.simulation.paper import pdf
from api.simulation.script import Board, Playing
from api.simulation.troupe import Troupe
from forms.vocabulary import CASE_CLOSED, CaseStatus
from infra.demo.day import Beat

OK, CREATED, CONFLICT, INVALID = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
APPLICATIONS = "/api/v1/applications"
_FROM_MEMORY = frozenset({"retract"})
"""Acts on tasks that have left the inbox; their officer remembers the number."""


def file_application(board: Board, one: Playing) -> None:
    """File an application: perhaps with mistakes first, perhaps twice; from then on its number is known."""
    story, window = one.filing.turn.story, one.window
    mistaken = one.filing.with_mistakes()
    if story.first is not None and mistaken is not None:
        reply = window.post(APPLICATIONS, mistaken)
        found = {error["field"] for error in reply.data.get("errors", [])}
        if reply.status != INVALID or found != set(story.first.errors):
            one.wrong.append(f"填错时应指出 {sorted(story.first.errors)}，实为 {reply.status} {sorted(found)}")
    one.body = one.filing.with_papers({code: upload(one, code) for code in one.filing.uploaded})
    key = secrets.token_hex(16)
    reply = window.post(APPLICATIONS, one.body, key=key, kind="submit")
    if reply.status != CREATED:
        one.wrong.append(f"没有收件：{reply.words} {reply.data.get('errors', '')}")
        return
    if story.resent and window.post(APPLICATIONS, one.body, key=key).data.get("no") != reply.data["no"]:
        one.wrong.append("重发的申请没有得到同一个编号")
    if story.again:
        again = window.post(APPLICATIONS, {**one.body, "materials": []})
        if (again.status, again.code) != (CONFLICT, story.again):
            one.wrong.append(f"重复申请应答 {again.words}")
    for case in reply.data["cases"]:
        board.filed(one, case["matter"], case["no"])
    one.no = reply.data["no"]
    board.act()


def upload(one: Playing, code: str) -> str:
    """Upload a paper and return its number."""
    reply = one.window.upload(f"{code}.pdf", pdf(f"{one.key} {code}"))
    if reply.status != CREATED:
        raise RuntimeError(f"{one.key}：材料 {code} 没有上传：{reply.words}")
    return str(reply.data["id"])


def follow_script(board: Board, troupe: Troupe, one: Playing, today: date) -> None:
    """Do what the script says next, where nobody finds it in an inbox; again while there is more."""
    with one.lock:
        while (beat := one.beat(today)) is not None and not _in_an_inbox(beat):
            who = actor(troupe, one, beat)
            case = one.cases[beat.case]
            if beat.when is not None and who.get(f"/api/v1/cases/{case}").data.get("status") != beat.when:
                break
            if beat.step is None:
                path = f"/api/v1/cases/{case}/acts"
            else:
                path = f"/api/v1/tasks/{task_number(one, beat.at)}/acts"
            reply = who.post(path, message(troupe, one, beat, who))
            _note(board, one, beat, reply)


def _in_an_inbox(beat: Beat) -> bool:
    """Whether whoever does this finds the task in the inbox."""
    return beat.step is not None and beat.act not in _FROM_MEMORY and beat.seat is None


def actor(troupe: Troupe, one: Playing, beat: Beat) -> Caller:
    """Return who does what the script says."""
    if beat.by == "window":
        return one.window
    if beat.by == "manager":
        return troupe.one("manager")
    if beat.seat is not None:
        return troupe.at(beat.by, beat.seat, one.region)
    place = one.window.get(f"/api/v1/cases/{one.cases[beat.case]}").data
    if beat.step is None:
        return troupe.at(beat.by, place["department"], one.region)
    department = next(task["department"] for task in place["tasks"] if task["step"] == beat.step)
    return troupe.at(beat.by, department, one.region)


def message(troupe: Troupe, one: Playing, beat: Beat, who: Caller) -> dict[str, Any]:
    """Return the act as it is sent: task numbers, colleagues, files and offices put in."""
    sent = beat.message()
    if "task" in sent:
        sent["task"] = task_number(one, f"{beat.case}.{sent['task']}")
    if beat.act == "transfer":
        sent["officer"] = troupe.at(sent["officer"], who.member.department.value, one.region).officer.username
    if beat.papers:
        shared = one.filing.shareable
        sent["items"] = [
            {"code": code, "shared": True} if code in shared else {"code": code, "file": upload(one, code)}
            for code in beat.papers
        ]
    for item in sent.get("items", ()):
        if str(item.get("value", "")).startswith("$"):
            item["value"] = one.filing.words[item["value"]]
    return sent


def task_number(one: Playing, place: str) -> str:
    """Return the number of a task, which the window reads in the dossier."""
    if place not in one.tasks:
        case, _, _ = place.partition(".")
        for task in one.window.get(f"/api/v1/cases/{one.cases[case]}").data["tasks"]:
            one.tasks[f"{case}.{task['step']}"] = task["no"]
    return one.tasks[place]


def _note(board: Board, one: Playing, beat: Beat, reply: Reply) -> None:
    settle(one, beat, reply)
    if reply.status == OK and "new_case" in reply.data:
        row = reply.data["new_case"]
        board.filed(one, f"{beat.case}#{1 + sum(c.partition('#')[0] == beat.case for c in one.cases)}", row["no"])
    board.act()
    ending = board.expected(one, beat.case).status
    ended = reply.status == OK and reply.data["status"] == ending
    if beat.step is None and ending is not CaseStatus.DELIVERED and (ended or beat.deemed):
        board.end()


def settle(one: Playing, beat: Beat, reply: Reply) -> None:
    """Compare an answer with the script and go on to what is next."""
    done_before = beat.deemed and reply.status == CONFLICT
    if not done_before and (reply.status != beat.answer or (beat.code is not None and reply.code != beat.code)):
        one.differs(beat, reply.words)
    one.next += 1


def deliver(board: Board, window: Caller) -> None:
    """Hand over every result that is ready, unless its applicant has not come for it."""
    for status in CASE_CLOSED:
        for row in window.every("/api/v1/cases", status=status.value):
            found = board.of(row["no"])
            if found is None or board.expected(*found).status is not CaseStatus.DELIVERED:
                continue
            reply = window.post(f"/api/v1/cases/{row['no']}/acts", {"act": "deliver", "kind": "window"})
            if reply.status == OK:
                board.act()
                board.end()
            else:
                found[0].wrong.append(f"{found[1]} 没有送达：{reply.words}")


def counts(manager: Caller) -> Counter[tuple[str, str]]:
    """Return what the manager's board counts: cases by matter and status."""
    reply = manager.get("/api/v1/board")
    if reply.status != OK:
        raise RuntimeError(f"读不到看板：{reply.words}")
    return Counter({(row["matter"], row["status"]): row["count"] for row in reply.data["cases"]})
