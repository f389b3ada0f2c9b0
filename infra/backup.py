"""Backup and restore (备份与恢复): the database in pg_dump's own format and the uploaded files, in one tar file.

The key of the vault is not in it: keep `secrets/` apart, without it identity and bank numbers and the
uploaded papers stay sealed for ever.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from infra import clock
from infra.migrations import Standing, refuse, standing, upgrade
from infra.postgres import programs_folder
from infra.settings import Settings, with_driver

DUMP, FILES, ABOUT = "database.dump", "files", "about.json"
FORMAT = 1
PREAMBLE_LINES = 60
NEWER_SETTING = b"SET transaction_timeout = 0;\n"  # PostgreSQL 17


class BackupError(Exception):
    """备份或恢复没有完成。"""


def backup(settings: Settings, target: Path) -> None:
    """Have `target` hold the whole record as of one instant; it appears only when complete (mode 0600).

    Files are only ever added, so that those the database names are there. BackupError where the target exists already,
    or the server is newer than our pg_dump.
    """
    if target.exists():
        raise BackupError(f"{target} 已存在，不会覆盖。")
    if not target.parent.is_dir():
        raise BackupError(f"目录 {target.parent} 不存在。")
    url = settings.sqlalchemy_url()
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".backup")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder, os.fdopen(handle, "wb") as file:
            dump = Path(folder) / DUMP
            _dump(url, dump)
            with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as archive:
                about = json.dumps(_about(url), ensure_ascii=False, indent=1).encode()
                entry = tarfile.TarInfo(ABOUT)
                entry.size = len(about)
                archive.addfile(entry, io.BytesIO(about))
                archive.add(dump, DUMP)
                if settings.files_folder.is_dir():
                    archive.add(settings.files_folder, FILES)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)
    except FileExistsError:
        raise BackupError(f"{target} 已存在，不会覆盖。") from None
    finally:
        os.unlink(draft)


def restore(settings: Settings, source: Path) -> None:
    """Have the empty database hold what `source` holds, and the files folder its files; then bring it up to date.

    Works across PostgreSQL versions (the dump is logical). BackupError where the database is not empty or `source` is
    no backup of ours; nothing is changed then.
    """
    url = settings.sqlalchemy_url()
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as conn:
        if standing(conn)[0] is not Standing.EMPTY or _tables(url):
            raise BackupError("数据库不是空的，不会覆盖。请恢复到新的数据目录或新建的空数据库。")
    if settings.files_folder.is_dir() and any(settings.files_folder.iterdir()):
        raise BackupError(f"文件目录 {settings.files_folder} 不是空的，不会覆盖。")
    settings.home.mkdir(parents=True, exist_ok=True)
    with _opened(source, settings.home) as folder:
        _load(url, folder / DUMP)
        if (folder / FILES).is_dir():
            settings.files_folder.mkdir(parents=True, exist_ok=True)
            for entry in (folder / FILES).iterdir():
                entry.rename(settings.files_folder / entry.name)
    with engine.connect() as conn:
        refuse(conn, Standing.NEWER, Standing.FOREIGN, Standing.EMPTY)
    upgrade(url)


def _about(url: str) -> dict[str, object]:
    with create_engine(url, poolclass=NullPool).connect() as conn:
        return {
            "format": FORMAT,
            "made_at": clock.machine().isoformat(timespec="seconds"),
            "postgresql": conn.execute(text("SHOW server_version")).scalar(),
            "revision": standing(conn)[1],
            "not_included": "secrets/ (the key of the vault)",
        }


def _tables(url: str) -> bool:
    with create_engine(url, poolclass=NullPool).connect() as conn:
        return bool(conn.execute(text("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1")).scalar())


@contextmanager
def _opened(source: Path, beside: Path) -> Iterator[Path]:
    """Have the backup unpacked in a folder that vanishes again, refusing whatever would leave that folder."""
    with tempfile.TemporaryDirectory(dir=beside) as folder:
        try:
            with tarfile.open(source) as archive:
                for entry in archive:
                    _extract(archive, entry, Path(folder))
            about = json.loads((Path(folder) / ABOUT).read_text())
            known = about["format"] == FORMAT and (Path(folder) / DUMP).is_file()
        except FileNotFoundError:
            raise BackupError(f"{source} 不存在或不是联办的备份文件。") from None
        except (tarfile.TarError, ValueError, KeyError, TypeError, OSError) as error:
            raise BackupError(f"{source} 不是联办的备份文件，或者已损坏（{type(error).__name__}）。") from None
        if not known:
            raise BackupError(f"{source} 不是联办的备份文件。")
        yield Path(folder)


def _extract(archive: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    """Unpack plain files and folders that stay inside `folder`, nothing else, with our own modes and owner."""
    target = (folder / entry.name).resolve()
    if not target.is_relative_to(folder.resolve()) or not (entry.isfile() or entry.isdir()):
        raise tarfile.ReadError(entry.name)
    if entry.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = archive.extractfile(entry)
    if content is None:
        raise tarfile.ReadError(entry.name)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _dump(url: str, target: Path) -> None:
    where, environment = _named(url)
    done = subprocess.run(
        [programs_folder() / "pg_dump", where, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    _check("pg_dump", done.returncode, done.stderr)


def _load(url: str, dump: Path) -> None:
    """Play the dump in one transaction; a setting that only newer servers know is left out for older ones."""
    where, environment = _named(url)
    with tempfile.TemporaryFile() as said, subprocess.Popen(
        [programs_folder() / "pg_restore", "--file=-", "--no-owner", "--no-privileges", dump],
        stdout=subprocess.PIPE, stderr=said, env=environment,
    ) as reader, subprocess.Popen(
        [programs_folder() / "psql", where, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=environment,
    ) as writer:  # fmt: skip
        assert reader.stdout is not None and writer.stdin is not None
        with suppress(BrokenPipeError):
            for _ in range(PREAMBLE_LINES):
                if (line := reader.stdout.readline()) != NEWER_SETTING:
                    writer.stdin.write(line)
            shutil.copyfileobj(reader.stdout, writer.stdin)
        reader.stdout.close()
        with suppress(BrokenPipeError):
            writer.stdin.close()
        codes = {"pg_restore": reader.wait(), "psql": writer.wait()}
        said.seek(0)
        error = said.read().decode("utf-8", "replace")
    for program in ("psql", "pg_restore"):
        _check(program, codes[program], error)


def _named(url: str) -> tuple[str, dict[str, str]]:
    """Answer how PostgreSQL's programs are told the database; the password goes by the environment."""
    where = make_url(with_driver(url, "psycopg"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= {"LC_ALL": "C"} | ({"PGPASSWORD": where.password} if where.password else {})
    return f"--dbname={where._replace(drivername='postgresql', password=None).render_as_string()}", environment


def _check(program: str, code: int, said: str) -> None:
    if code != 0:
        lines = [line for line in said.splitlines() if "rror" in line or "ERROR" in line] or said.splitlines()
        raise BackupError(f"{program} 没有完成：{lines[0] if lines else code}")
