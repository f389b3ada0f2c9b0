"""Papers handed in are kept by content; everything that is no paper is refused and leaves nothing behind."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from forms.errors import Invalid, NotFound
from infra.filestore import LIMIT, FileStore

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 900 + b"\nstartxref\n0\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(30) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def files(store: FileStore) -> list[Path]:
    return [path for path in store._root.rglob("*") if path.is_file()]


class Endless(io.RawIOBase):
    """An upload that never ends, and counts what was read of it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "an unbounded read"
        self.taken += size
        return (PDF[:9] + bytes(size))[:size]


@pytest.mark.parametrize(
    "content, content_type",
    [(PDF, "application/pdf"), (PNG, "image/png"), (JPG, "image/jpeg"), (JPG + b"\0\0", "image/jpeg")],
)
def test_a_paper_is_kept_and_read_back_as_it_was(store: FileStore, content: bytes, content_type: str) -> None:
    stored = store.save(io.BytesIO(content))
    assert (stored.size, stored.content_type) == (len(content), content_type)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    with store.open(stored.sha256) as kept:
        assert kept.read() == content


def test_the_same_paper_handed_in_twice_is_kept_once(store: FileStore) -> None:
    assert store.save(io.BytesIO(PDF)) == store.save(io.BytesIO(PDF))
    assert len(files(store)) == 1


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "file_empty"),
        (b"just text", "file_type"),
        (b"<html><script>alert(1)</script>%PDF-1.7 %%EOF", "file_type"),
        (b"PK\x03\x04" + bytes(60), "file_type"),
        (b"MZ" + bytes(60), "file_type"),
        (b"%PDF-9.9 %%EOF", "file_type"),
        (b"GIF89a" + bytes(60), "file_type"),
        (PDF[:-8], "file_broken"),
        (PNG[:-1], "file_broken"),
        (PNG + b"<script>", "file_broken"),
        (JPG[:-2], "file_broken"),
        (PDF[:9] + bytes(LIMIT), "file_too_large"),
    ],
)
def test_everything_else_is_refused_and_leaves_nothing_behind(store: FileStore, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        store.save(io.BytesIO(content))
    assert [error.code for error in refused.value.errors] == [code]
    assert refused.value.errors[0].field == "/file"
    assert not files(store)


def test_the_officer_is_told_what_was_uploaded_instead(store: FileStore) -> None:
    with pytest.raises(Invalid, match="您上传的是 ZIP 文件"):
        store.save(io.BytesIO(b"PK\x03\x04" + bytes(60)))


def test_a_paper_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(store: FileStore) -> None:
    assert store.save(io.BytesIO(PDF), limit=len(PDF)).size == len(PDF)
    with pytest.raises(Invalid, match="超过"):
        store.save(io.BytesIO(PDF), limit=len(PDF) - 1)


def test_an_endless_upload_is_cut_off_at_the_limit(store: FileStore) -> None:
    upload = Endless()
    with pytest.raises(Invalid):
        store.save(upload, limit=100_000)
    assert upload.taken == 100_001


def test_an_upload_that_breaks_off_leaves_nothing_behind(store: FileStore) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(Exception, match=r"暂时不能保存"):
        store.save(Broken())
    assert not files(store)


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "/etc/passwd", "a" * 63, "A" * 64, "0" * 64, "0" * 64 + "\n", "..\0"]
)
def test_nothing_but_a_known_hash_opens_a_file(store: FileStore, name: str) -> None:
    with pytest.raises(NotFound):
        store.open(name)


def test_what_a_crash_left_behind_is_cleared_but_not_an_upload_in_progress(store: FileStore) -> None:
    leftover, running = store._incoming / "leftover", store._incoming / "running"
    for path in (leftover, running):
        path.write_bytes(b"half a paper")
    os.utime(leftover, (0, 0))
    assert store.clear_leftovers(timedelta(hours=1)) == 1
    assert files(store) == [running]


def test_the_store_is_closed_to_other_users(store: FileStore) -> None:
    store.save(io.BytesIO(PDF))

    def modes() -> Iterator[int]:
        for path in store._root.rglob("*"):
            yield path.stat().st_mode & 0o077

    assert not any(modes())
