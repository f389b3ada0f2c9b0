"""`make screenshots`: a picture of every page in `screenshots/`, from a lived-in hall on a database thrown away."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("LIANBAN_TEST", "true")
os.environ.setdefault("LIANBAN_VAULT_KEY", "5e" * 32)

FOLDER = Path(__file__).resolve().parents[2] / "screenshots"


def main(words: list[str]) -> None:
    """Take the pictures; with words only those of pages whose name holds one of them."""
    from infra import database
    from infra.migrations import upgrade
    from infra.postgres import running
    from tests.kit.browser import Site, browsing, serving
    from tests.kit.tour import Scene, Walk, stops

    if not words:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lb") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "pg", {"fsync": "off"}) as cluster:
            upgrade(cluster.url("postgres"))
            engine = database.engine(cluster.url("postgres"))
            with serving(engine, Path(folder) / "home", demo=True) as base, browsing() as browser:
                scene = Scene(engine)
                walk = Walk(Site(base, engine, browser), scene)
                for stop in stops(scene):
                    if words and not any(word in stop.name for word in words):
                        continue
                    try:
                        walk.go(stop).screenshot(path=FOLDER / f"{stop.name}.png", full_page=True)
                    except AssertionError as error:
                        sys.stderr.write(f"{error}\n")
                walk.site.leave()
            engine.dispose()
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.name}/\n")


if __name__ == "__main__":
    main(sys.argv[1:])
