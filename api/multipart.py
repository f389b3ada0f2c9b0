"""Uploads in a request (上传): the one file of a multipart body, and its name as it may be shown."""

from __future__ import annotations

import re

from fastapi import Request, UploadFile
from starlette.formparsers import MultiPartException

from api.errors import Malformed, WrongType
from forms.errors import Invalid

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NAME_LENGTH = 120


async def file_in(request: Request) -> UploadFile:
    """Return the one file of a multipart body; the bytes wait on the disk until the desk takes them."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise WrongType("请用 multipart/form-data 上传文件，字段名为 file。")
    try:
        form = await request.form(max_files=1, max_fields=0)
    except MultiPartException:
        raise Malformed("上传内容不完整，或者不止一个文件。") from None
    found = form.get("file")
    if found is None or isinstance(found, str):
        raise Invalid.one("/file", "请选择要上传的文件", "required")
    return found  # type: ignore[return-value]


def name_of(given: str | None) -> str:
    """Return a file's name as it may be shown and stored: no path, nothing invisible, at most 120 characters."""
    last = re.split(r"[\\/]", given or "")[-1]
    return _UNSEEN.sub("", last).strip()[-_NAME_LENGTH:] or "未命名"
