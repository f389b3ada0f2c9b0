"""Thumbnails (缩略图): a small picture of an uploaded one, drawn anew, so that nothing of the upload's own is sent."""

from __future__ import annotations

import io
from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from PIL import Image, ImageOps

from api import dossiers
from api.pages.window.seat import within
from api.visits import Seen
from forms.errors import NotFound

ROUTER = APIRouter()
FileNo = Annotated[str, Path(pattern=r"^f_[A-Za-z0-9_-]{22}$")]
SIDE = 240
MOST_PIXELS: Final = 50_000_000
"""A picture of more points is not unpacked for a thumbnail."""


@ROUTER.get("/window/files/{no}/thumbnail")
def thumbnail(no: FileNo, visit: Seen) -> Response:
    """A JPEG of at most 240 points a side; NotFound for what is no picture."""
    with visit.desk() as seat:
        row = dossiers.file(seat, within(seat.actor), no)
    if not row["content_type"].startswith("image/"):
        raise NotFound
    small = drawn(visit.files.read(row["sha256"]))
    headers = {"Content-Disposition": "inline", "Cache-Control": "private, max-age=3600"}
    return Response(small, 200, headers, media_type="image/jpeg")


def drawn(content: bytes) -> bytes:
    """Return a small JPEG of a picture, turned as the camera meant it; NotFound where it cannot be read."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotFound("图片过大，没有缩略图。")
            picture.draft("RGB", (SIDE * 2, SIDE * 2))
            small = ImageOps.exif_transpose(picture)
            small.thumbnail((SIDE, SIDE))
            out = io.BytesIO()
            small.convert("RGB").save(out, "JPEG", quality=80)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotFound("图片无法读取。") from error
    return out.getvalue()
