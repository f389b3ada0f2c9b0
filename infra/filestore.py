"""The file store (材料库): uploads kept under the hash of their content, never under a name somebody typed.

Only PDF, JPG and PNG are taken, told apart by their bytes and complete to the last one; at most 10 MB each (the
platform's own limits). Papers show what identity numbers are sealed for: they are sealed too (个人信息保护法 第51条),
each for its own hash. What `save` has returned is on the disk and survives a power cut.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

import filetype  # type: ignore[import-untyped]

from forms.errors import Invalid, NotFound, Unavailable
from infra.vault import Tampered, Vault, is_sealed

LIMIT = 10 * 1024 * 1024
ALL_SEALED: Final = "all.sealed"
"""A file in the root that says so: what an older release kept open has been sealed, nobody need look again."""

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

    def __init__(self, root: Path, vault: Vault) -> None:
        """Use (and make) the folder `root`, readable for nobody else; `vault` seals what it holds."""
        self._root, self._vault = root, vault
        self._incoming = root / "incoming"
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)

    def save(self, stream: Readable, limit: int = LIMIT) -> StoredFile:
        """Keep what `stream` yields and return what it is; Invalid when empty, too large, broken or no PDF/JPG/PNG.

        Reads piece by piece and stops at `limit` bytes; a refused file leaves nothing behind. The same content is
        kept once. Unavailable when the disk is full.
        """
        try:
            content = _received(stream, limit)
            stored = StoredFile(hashlib.sha256(content).hexdigest(), len(content), _type_of(content))
            place = self._path(stored.sha256)
            if not place.exists():
                self._place(place, self._vault.seal(content, _context(stored.sha256)))
        except OSError as error:
            raise _unavailable(error) from error
        return stored

    def read(self, sha256: str) -> bytes:
        """Return the content of the file with that hash; NotFound when there is none.

        WrongKey or Tampered where it cannot be opened, Tampered also where it is not what it was.
        """
        try:
            kept = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound("文件不存在。") from None
        if is_sealed(kept):
            return self._vault.open(kept, _context(sha256))
        if hashlib.sha256(kept).hexdigest() != sha256:
            raise Tampered
        return kept  # an older release kept it open

    def look_after(self, over: threading.Event) -> int:
        """Clear what was left behind and seal what an older release kept open, until `over`; return how many it sealed.

        It may be ended at any instant and begun again.
        """
        self.clear_leftovers()
        sealed, done = 0, self._root / ALL_SEALED
        if done.exists():
            return sealed
        for place in self._root.glob("[0-9a-f][0-9a-f]/*"):
            if over.is_set():
                return sealed
            with place.open("rb") as file:
                if is_sealed(file.read(1)):
                    continue
            kept, sha256 = place.read_bytes(), place.parent.name + place.name
            if hashlib.sha256(kept).hexdigest() == sha256:  # what is damaged is not made good
                self._place(place, self._vault.seal(kept, _context(sha256)))
                sealed += 1
        done.touch(mode=0o600)
        return sealed

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

    def _place(self, place: Path, content: bytes) -> None:
        """Have a file hold `content`, whole or not at all, for good."""
        handle, name = tempfile.mkstemp(dir=self._incoming)
        incoming = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            place.parent.mkdir(mode=0o700, exist_ok=True)
            incoming.replace(place)
        finally:
            incoming.unlink(missing_ok=True)
        for folder in (place.parent, self._root):
            _sync(folder)


def _context(sha256: str) -> bytes:
    """Return what binds a sealed file to its hash: put in another's place it does not open."""
    return b"file/" + sha256.encode()


def _received(stream: Readable, limit: int) -> bytes:
    """Return all that a stream yields, at most `limit` bytes: nothing of it is on the disk before it is sealed."""
    content = bytearray()
    while piece := stream.read(min(_CHUNK, limit + 1 - len(content))):
        content += piece
        if len(content) > limit:
            raise _refused(f"文件超过 {limit / 1024 / 1024:g} MB，请压缩后再上传。", "file_too_large")
    if not content:
        raise _refused("文件是空的，请重新选择。", "file_empty")
    return bytes(content)


def _type_of(content: bytes) -> str:
    head, tail = content[:_HEAD], content[-_TAIL:]
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
