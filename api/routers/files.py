"""Files (附件): uploaded papers, their type told by their content, given back only as downloads."""

from __future__ import annotations

import secrets
from contextlib import closing
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from api import dossiers
from api.arrival import reader
from api.calls import Asked, Call, allowed, sent
from api.multipart import file_in, name_of
from infra.store import papers

ROUTER = APIRouter(prefix="/api/v1/files", tags=["附件"])
FileNo = Annotated[str, Path(pattern=r"^f_[A-Za-z0-9_-]{22}$")]


async def _part(request: Request) -> UploadFile:
    """Return the one file of a multipart body; the bytes wait on the disk until the desk takes them.

    Whose token it is is asked before a byte is read.
    """
    await run_in_threadpool(Call(request).known)
    return await file_in(request)


@ROUTER.post("", operation_id="upload", summary="上传附件", status_code=201)
def upload(call: Asked, part: Annotated[Any, Depends(_part)]) -> Response:
    """The paper is stored for good and waits to be named in an application by whoever uploaded it."""
    with closing(part.file), call.desk() as seat:
        allowed(seat, "upload")
        stored = call.files.save(part.file, call.settings.upload_limit_bytes)
        row = {
            "id": f"f_{secrets.token_urlsafe(16)}",
            "name": name_of(part.filename),
            "sha256": stored.sha256,
            "size": stored.size,
            "content_type": stored.content_type,
            "region": next(iter(member.region for member in seat.actor.members), ""),
            "uploaded_by": seat.actor.id,
            "uploaded_at": seat.now,
        }
        papers.insert_file(seat.conn, row)
    shown = {name: row[name] for name in ("id", "name", "size", "content_type", "sha256")}
    return sent(shown, 201, {"Location": f"{ROUTER.prefix}/{row['id']}"})


@ROUTER.get("/{no}", operation_id="download", summary="下载附件")
def download(no: FileNo, call: Asked) -> Response:
    """The bytes as they came, always as a download; reading an application's paper leaves a trace."""
    with call.desk() as seat:
        row = dossiers.file(seat, reader(seat), no)
        content = call.files.read(row["sha256"])
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'], safe='')}"}
    return Response(content, 200, headers, media_type=row["content_type"])
