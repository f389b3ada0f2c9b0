"""The file store (材料库): uploads kept under the hash of their content, never under a name somebody typed.

Only PDF, JPG and PNG are taken, told apart by their bytes and complete to the last one; at most 10 MB each (the
platform's own limits). What `save` has returned is on the disk and survives a power cut.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

import filetype  # type: ignore[import-untyped]

from forms.errors import Invalid, NotFound, Unavailable

LIMIT = 10 * 1024 * 1024

_CHUNK = 64 * 1024
_HEAD = 8192
_TAIL = 4096
_SHA256 = re.compile(r"[0-9a-f]{64}")
_JPEG_START, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\x00\x00\x00\x00IEND\xaeB`\x82"
_PDF_START, _PDF_END = re.compile(rb"%PDF-[12]\.[0-9]"), b"%%EOF"


class Readable(Protocol):
    """Anything that can be read piece by piece: an open file, an upload."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is in the store: the SHA-256 of its content in hex, its size in bytes, its type by content."""

    sha256: str
    size: int
    content_type: str


class FileStore:
    """Files under one root folder; several processes may use it at once."""

    def __init__(self, root: Path) -> None:
        """Use (and make) the folder `root`, readable for nobody else."""
        self._root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)

    def save(self, stream: Readable, limit: int = LIMIT) -> StoredFile:
        """Keep what `stream` yields and return what it is; Invalid when empty, too large, broken or no PDF/JPG/PNG.

        Reads piece by piece and stops at `limit` bytes; a refused file leaves nothing behind. The same content is
        kept once. Unavailable when the disk is full.
        """
        try:
            handle, name = tempfile.mkstemp(dir=self._incoming)
        except OSError as error:
            raise _unavailable(error) from error
        incoming = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                sha256, size, content_type = _receive(stream, out, limit)
                out.flush()
                os.fsync(out.fileno())
            self._place(incoming, sha256)
        except OSError as error:
            raise _unavailable(error) from error
        finally:
            incoming.unlink(missing_ok=True)
        return StoredFile(sha256, size, content_type)

    def open(self, sha256: str) -> BinaryIO:
        """Return the file with that hash, opened for reading; NotFound when there is none."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound("文件不存在。") from None

    def clear_leftovers(self, older_than: timedelta = timedelta(days=1)) -> int:
        """Remove what uploads cut off by a crash have left behind, and return how many there were."""
        handle, probe = tempfile.mkstemp(dir=self._incoming)
        os.close(handle)
        newest = Path(probe).stat().st_mtime  # the disk's own clock
        Path(probe).unlink()
        cleared = 0
        for leftover in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if newest - leftover.stat().st_mtime >= older_than.total_seconds():
                    leftover.unlink()
                    cleared += 1
        return cleared

    def _path(self, sha256: str) -> Path:
        if _SHA256.fullmatch(sha256) is None:
            raise NotFound("文件不存在。")
        return self._root / sha256[:2] / sha256[2:]

    def _place(self, incoming: Path, sha256: str) -> None:
        place = self._path(sha256)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        if not place.exists():
            incoming.replace(place)
        for folder in (place.parent, self._root):
            _sync(folder)


def _receive(stream: Readable, out: BinaryIO, limit: int) -> tuple[str, int, str]:
    digest = hashlib.sha256()
    size, head, tail = 0, b"", b""
    while piece := stream.read(min(_CHUNK, limit + 1 - size)):
        size += len(piece)
        if size > limit:
            raise _refused(f"文件超过 {limit / 1024 / 1024:g} MB，请压缩后再上传。", "file_too_large")
        if len(head) < _HEAD:
            head = (head + piece)[:_HEAD]
        tail = (tail + piece)[-_TAIL:]
        digest.update(piece)
        out.write(piece)
    if not size:
        raise _refused("文件是空的，请重新选择。", "file_empty")
    return digest.hexdigest(), size, _type_of(head, tail)


def _type_of(head: bytes, tail: bytes) -> str:
    content_type, complete = "", False
    if _PDF_START.match(head):
        content_type, complete = "application/pdf", _PDF_END in tail
    elif head.startswith(_JPEG_START):
        content_type, complete = "image/jpeg", _JPEG_END in tail
    elif head.startswith(_PNG_START):
        content_type, complete = "image/png", tail.endswith(_PNG_END)
    if not content_type:
        guessed = filetype.guess_extension(head)
        found = f"，您上传的是 {guessed.upper()} 文件" if guessed not in {None, "pdf", "jpg", "png"} else ""
        raise _refused(f"只接受 PDF、JPG、PNG 文件{found}。", "file_type")
    if not complete:
        raise _refused("文件不完整，请检查后重新上传。", "file_broken")
    return content_type


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(message: str, code: str) -> Invalid:
    return Invalid.one("/file", message, code)


def _unavailable(error: OSError) -> Unavailable:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return Unavailable("存储空间不足，暂时不能上传，请联系管理员。" if full else "文件暂时不能保存，请稍后再试。")
