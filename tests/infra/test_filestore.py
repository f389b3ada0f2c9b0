"""Papers handed in are kept by content; everything that is no paper is refused and leaves nothing behind."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from forms.errors import Invalid, NotFound
from infra.filestore import LIMIT, FileStore
from infra.vault import Tampered, Vault, WrongKey, is_sealed

VAULT = Vault(b"k" * 32)
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 900 + b"\nstartxref\n0\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(30) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", VAULT)


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
    assert store.read(stored.sha256) == content


def test_nothing_of_a_paper_can_be_read_on_the_disk(store: FileStore) -> None:
    stored = store.save(io.BytesIO(PDF))
    [kept] = files(store)
    assert is_sealed(kept.read_bytes()) and PDF[9:41] not in kept.read_bytes()
    with pytest.raises(WrongKey):
        FileStore(store._root, Vault(b"o" * 32)).read(stored.sha256)


def test_a_paper_does_not_open_in_anothers_place(store: FileStore) -> None:
    pdf, png = store.save(io.BytesIO(PDF)), store.save(io.BytesIO(PNG))
    store._path(png.sha256).replace(store._path(pdf.sha256))
    with pytest.raises(Tampered):
        store.read(pdf.sha256)


def older(store: FileStore, content: bytes, sha256: str) -> Path:
    """Keep a file as releases before did: as it came."""
    place = store._path(sha256)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    place.write_bytes(content)
    return place


def test_what_an_older_release_kept_open_is_read_and_sealed_once(store: FileStore) -> None:
    sha256 = hashlib.sha256(PNG).hexdigest()
    place = older(store, PNG, sha256)
    assert store.read(sha256) == PNG
    ended = threading.Event()
    ended.set()
    assert (store.look_after(ended), place.read_bytes()) == (0, PNG)
    assert store.look_after(threading.Event()) == 1
    assert is_sealed(place.read_bytes()) and store.read(sha256) == PNG
    assert not any(path.stat().st_mode & 0o077 for path in files(store))
    place.write_bytes(PNG)  # nobody puts an open file there any more: nobody looks for one
    assert store.look_after(threading.Event()) == 0


def test_what_was_damaged_before_is_never_sealed_as_though_it_were_whole(store: FileStore) -> None:
    sha256 = hashlib.sha256(PNG).hexdigest()
    place = older(store, PNG + b"more", sha256)
    assert store.look_after(threading.Event()) == 0
    assert place.read_bytes() == PNG + b"more"
    with pytest.raises(Tampered):
        store.read(sha256)


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
        store.read(name)


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
