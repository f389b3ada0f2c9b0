"""Draft the next migration from the tables: `python -m infra.migrations.draft "what changes"`.

It runs on a PostgreSQL of its own that is thrown away.
With `--first` the first migration is written anew (only before anybody has data).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from infra.migrations import _config, upgrade
from infra.postgres import running

VERSIONS = Path(__file__).parent / "versions"
FIRST = "0001_tables.py"


def draft(message: str, *, first: bool = False) -> None:
    """Have a new file in `versions/` that makes the tables of a migrated database equal to the models."""
    held: list[tuple[Path, str]] = []
    if first:
        held = [(path, path.read_text()) for path in VERSIONS.glob("*.py")]
        for path, _ in held:
            path.unlink()
    number = f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory(prefix="lb") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "pg", {"fsync": "off"}) as cluster:
            url = cluster.url("postgres")
            if not first:
                upgrade(url)
            with create_engine(url).connect() as conn:
                config = _config(conn)
                config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
                command.revision(config, message, autogenerate=True, rev_id=number)
    for path, content in held:
        if path.name != FIRST:
            path.write_text(content)


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--first"]
    draft(words[0] if words else "tables", first="--first" in sys.argv)
