"""Progress (办理进度) without a login: the number and the code on the receipt, and what one does with them."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from api import progress
from api.calls import Answer, Call, Public, Told, sent
from api.multipart import file_in, name_of
from api.parameters import ApplicationNo, known_only
from api.rows import label
from flows.access import Actor
from flows.casework import applicant, codes
from flows.desks import desk
from flows.record import Desk
from forms.applicant import APPLICANT_ACTS
from forms.messages import read_act
from forms.vocabulary import CaseStatus
from infra import clock

ROUTER = APIRouter(prefix="/api/v1/progress", tags=["办理进度"])
Code = Annotated[str | None, Header(alias="X-Progress-Code", max_length=40, title="收件凭证上的查询码")]


@ROUTER.get("/{no}", operation_id="progress", summary="查询进度")
def read_progress(no: ApplicationNo, call: Public, code: Code = None) -> Response:
    """What is done, who has it now, when it is due and why, what to bring, what may be done now.

    Without the right code there is nothing to be found.
    """
    actor = codes.enter(call.engine, no, code)
    with call.engine.connect() as conn:
        return sent(progress.progress(conn, actor, clock.now(conn)))


@ROUTER.post("/{no}/acts", operation_id="act_as_applicant", summary="补正、撤回、评价")
def act(no: ApplicationNo, call: Told, code: Code = None) -> Response:
    """The applicant's act on one of the own cases is done and on record when the answer leaves."""
    with _desk(call, codes.enter(call.engine, no, code)) as seat:
        return call.once(seat, lambda: _acted(call, seat))


def _acted(call: Call, seat: Desk) -> Answer:
    case = applicant.act(seat, read_act(call.body(), APPLICANT_ACTS))
    return Answer({
        "application": case.application_no,
        "case": case.no,
        "status": case.status,
        "status_label": label(CaseStatus, case.status),
    })  # fmt: skip


def _desk(call: Call, actor: Actor) -> Any:
    return desk(actor, terminal=call.terminal, engine=call.engine)


async def _entered(request: Request, no: ApplicationNo, code: Code = None) -> tuple[Call, Actor, UploadFile]:
    """Return the one file of a body; the code is asked before a byte is read."""
    known_only(request)
    call = Call(request)
    actor = await run_in_threadpool(codes.enter, call.engine, no, code)
    return call, actor, await file_in(request)


@ROUTER.post("/{no}/files", operation_id="upload_as_applicant", summary="上传补交的材料", status_code=201)
def upload(given: Annotated[Any, Depends(_entered)]) -> Response:
    """The paper is stored for this application and waits to be named in a supplement."""
    call, actor, part = given
    with closing(part.file), _desk(call, actor) as seat:
        row = applicant.upload(seat, call.files, part.file, name_of(part.filename), call.settings.upload_limit_bytes)
    return sent({name: row[name] for name in ("id", "name", "size", "content_type", "sha256")}, 201)
