"""Papers on the screen (材料预览): an upload shown in a frame of our own page, as what it is and never as HTML."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response

from api import dossiers
from api.arrival import reader
from api.visits import Seen

ROUTER = APIRouter()
FileNo = Annotated[str, Path(pattern=r"^f_[A-Za-z0-9_-]{22}$")]

_FRAMED: Final = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
_IMAGE: Final = f"{_FRAMED}; sandbox"
"""Browsers do not show a PDF in a sandbox; a PDF's own scripts never run in ours."""


@ROUTER.get("/files/{no}")
def show(no: FileNo, visit: Seen, save: Annotated[str, Query(max_length=4)] = "") -> Response:
    """The paper for the eyes of who may read it, or with `save` as a download; reading it leaves a trace."""
    with visit.desk() as seat:
        row = dossiers.file(seat, reader(seat), no)
        content = visit.files.read(row["sha256"])
    way = "attachment" if save else "inline"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(row['name'], safe='')}",
        "Content-Security-Policy": _FRAMED if row["content_type"] == "application/pdf" else _IMAGE,
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(content, 200, headers, media_type=row["content_type"])
