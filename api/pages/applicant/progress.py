"""Progress (进度查询): the number and the code typed in, then one application and nothing else, until it is left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from api import again, progress
from api.frame import page
from api.pages.applicant import mine, track
from api.rows import label
from api.visits import Seen, Sent, Visit, done
from flows import access
from flows.access import Actor
from flows.casework import codes
from forms.errors import NotFound, TooManyTries
from forms.vocabulary import MaterialState
from infra import clock, numbers
from infra.store import papers, sessions, uploads
from infra.vault import hash_token, new_token

ROUTER = APIRouter(prefix="/progress")
LONGEST = timedelta(hours=4)
"""However busy the browser: after so long the code is asked for again. Idle it ends sooner (`applicant_minutes`)."""

_ASKED = {"no": "申请编号", "code": "查询码"}


# the door


@ROUTER.get("")
def ask(visit: Seen, no: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The form; the number may come with the receipt's QR code, the code is typed and never in an address."""
    return _door(visit, numbers.as_printed(no))


@ROUTER.post("")
def enter(visit: Sent) -> Response:
    """The browser sees the application from now on, or is told no in the same words whatever was wrong."""
    if visit.who() is not None:
        return _door(visit, status=409)
    no, code = numbers.as_printed(visit.text("no")), visit.text("code")[:40]
    wrong = {name: [f"请填写{words}"] for name, words in _ASKED.items() if not visit.text(name)}
    if wrong:
        return _door(visit, no, errors=wrong, status=422)
    whole = numbers.application_of(no) if numbers.is_valid(no) else no
    try:
        found = codes.enter(visit.engine, whole, code)
    except TooManyTries as locked:
        wait = {"Retry-After": str(locked.facts["retry_after"])}
        return _door(visit, no, refused=locked.detail, status=429, headers=wait)
    except NotFound as unknown:
        return _door(visit, no, refused=unknown.detail, status=401)
    token, now = new_token(), clock.machine()
    with visit.engine.begin() as conn:
        sessions.end(conn, hash_token(visit.token), now)
        sessions.add(conn, hash_token(token), visit.terminal, now, now + LONGEST, application_id=found.application_id)
    visit.adopt(token)
    kept = again.brought(visit)
    return again.ask(visit, kept) if kept is not None else done(visit, mine.HOME)


def door(visit: Visit, kept: again.Kept) -> Response:
    """The door for somebody whose look had ended meanwhile; what was sent waits beside it."""
    return _door(visit, refused="查询已超时，请重新输入申请编号和查询码。", status=401, kept=kept)


def _door(
    visit: Visit,
    no: str = "",
    *,
    refused: str = "",
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    kept: again.Kept | None = None,
) -> Response:
    kept = kept or again.brought(visit)
    officer = visit.who() is not None
    found = errors or {}
    return page(
        visit,
        "applicant/door.html",
        status=status,
        headers=headers,
        no=no,
        refused=refused,
        errors=found,
        summary=[(name, words) for name, said in found.items() for words in said],
        officer=officer,
        opened=None if officer else visit.opened(),
        kept=kept,
        minutes=visit.settings.applicant_minutes,
    )


@ROUTER.post("/leave")
def leave(visit: Sent) -> Response:
    """Nothing of the application is to be seen in this browser any more."""
    with visit.engine.begin() as conn:
        sessions.end(conn, hash_token(visit.token), clock.machine())
    visit.renew()
    return done(visit, "/progress", "已结束查询，本机不再保留查询信息。")


# the application


@ROUTER.get("/application")
def application(visit: Seen) -> Response:
    """What is done, who has it now, until when and why, what to bring, what may be done."""
    actor = mine.holder(visit)
    with visit.engine.connect() as conn:
        facts = progress.progress(conn, actor, clock.now(conn))
        brought = _brought(conn, actor)
    cases = [{**case, "track": track.track(case), "open": track.is_open(case)} for case in facts["cases"]]
    return page(
        visit,
        "applicant/application.html",
        facts=facts,
        cases=cases,
        bring=track.to_bring(cases),
        brought=brought,
        minutes=visit.settings.applicant_minutes,
    )


def _brought(conn: Connection, actor: Actor) -> list[dict[str, Any]]:
    """Return the papers of the application: how each is there, and the file where there is one."""
    assert actor.application_id is not None
    return [
        {"title": row["title"], "label": label(MaterialState, row["state"]), "file": row["file_id"]}
        for row in papers.materials_of(conn, actor.application_id)
    ]


@ROUTER.get("/files/{no}")
def paper(no: Annotated[str, Path(pattern=r"^f_[A-Za-z0-9_-]{22}$")], visit: Seen) -> Response:
    """A paper of the own application as it came, always as a download."""
    actor = mine.holder(visit)
    with visit.engine.connect() as conn:
        row = uploads.within(conn, access.scope(actor), no, officer_id=0)
    if row is None:
        raise NotFound
    content = visit.files.read(row["sha256"])
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'], safe='')}"}
    return Response(content, 200, headers, media_type=row["content_type"])
