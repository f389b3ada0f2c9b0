"""Every page with a list, over a million cases (列表基准): milliseconds on the server and kilobytes on the wire.

`python -m tests.bench lists`; on a database of its own that is thrown away, or kept in a folder with `--keep FOLDER`.
With `--combinations` every combination of filters is asked of the store instead, and the slow ones are told.

What a page has counted in the background, where nobody waits for it (`api.kept`), is waited for after its first answer
and told on a line of its own, so that a page's time is its own. A page that does not answer 200 ends it with a failure.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy import Engine, text

from infra.demo.organisation import PASSWORD
from tests.bench.looked_at import CALLS, PAGES, SEARCHES, Places
from tests.bench.million import CASES, many_cases
from tests.bench.report import keep

REPEATS = 9
MARK_MS, MARK_KB = 100.0, 200.0
SLOWEST = 10
SETTINGS = {"fsync": "off"}


@contextmanager
def ground(cases: int = CASES, kept: Path | None = None) -> Iterator[Engine]:
    """Have a database with the crowd in it as long as the block does; one that is kept is made only once."""
    from infra import database
    from infra.demo.seed import seed
    from infra.migrations import upgrade
    from infra.postgres import running

    with tempfile.TemporaryDirectory(prefix="lb") as thrown_away:
        folder = kept or Path(thrown_away)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        with running(folder / "pg", SETTINGS) as cluster:
            url = cluster.url("postgres")
            upgrade(url)
            engine = database.engine(url)
            with engine.begin() as conn:
                seed(conn)
                if conn.execute(text("SELECT NOT EXISTS (SELECT 1 FROM cases)")).scalar_one():
                    conn.execute(text("SET LOCAL statement_timeout = 0"))
                    many_cases(conn, cases)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
                conn.execute(text("SET statement_timeout = 0"))
                conn.execute(text("VACUUM ANALYZE"))
            engine.dispose()
            yield engine
            engine.dispose()


def officers(engine: Engine) -> dict[str, str]:
    """Return the usernames of who looks, by what they are."""
    from forms.vocabulary import Department as D
    from forms.vocabulary import Role as R
    from tests.kit.hall import Hall

    hall = Hall(engine)
    seats = {
        "handler": (R.HANDLER, D.HUMAN_RESOURCES),
        "seldom": (R.HANDLER, D.HOUSING),  # an office that none of the cases concerns
        "clerk": (R.WINDOW, D.WINDOW),
        "manager": (R.MANAGER, D.SUPERVISION),
        "city": (R.MANAGER, D.SUPERVISION, "*"),
        "lead": (R.COORDINATOR, D.EDUCATION),
        "auditor": (R.AUDITOR, D.SUPERVISION),
        "administrator": (R.ADMINISTRATOR, D.SUPERVISION, "*"),
    }
    return {name: str(hall.actor(*seat).username) for name, seat in seats.items()}


def measure(engine: Engine, only: str = "") -> list[dict[str, Any]]:
    """Look at every page several times; answer the median milliseconds until the whole page is there, and its size.

    Besides, how long was counted in the background because of it.
    """
    from tests.kit.browser import serving

    found = []
    with tempfile.TemporaryDirectory() as home, serving(engine, Path(home), moved=False) as base:
        names, places, work = officers(engine), Places(engine), Work(engine)
        for role in dict.fromkeys((*PAGES, *CALLS)):
            bearer = {"Authorization": f"Bearer {_token(engine, names[role])}"} if role in names else {}
            with (
                httpx.Client(base_url=base, trust_env=False, timeout=120) as browser,
                httpx.Client(base_url=base, trust_env=False, timeout=120, headers=bearer) as program,
            ):
                csrf = _enter(browser, names[role]) if role in names else ""
                asked = [(browser, path, None) for path in PAGES.get(role, ())]
                asked += [(browser, path, {"csrf": csrf, **form}) for path, form in SEARCHES.get(role, ())]
                asked += [(program, f"/api/v1{path}", None) for path in CALLS.get(role, ())]
                for client, path, form in asked:
                    if only in path:
                        found.append(_look(client, role, places.filled(path), form, work))
                        sys.stderr.write(_line(found[-1]) + _line_behind(found[-1]))
    return found


def _token(engine: Engine, username: str) -> str:
    from infra import clock
    from infra.store import people, tokens
    from infra.vault import hash_token, new_token

    drawn, now = new_token(), clock.machine()
    with engine.begin() as conn:
        found = people.officer_by_username(conn, username)
        assert found is not None
        tokens.add(conn, found.id, hash_token(drawn), now, now + timedelta(hours=8))
    return drawn


def _enter(client: httpx.Client, username: str) -> str:
    import re

    word = re.compile(r'name="csrf" value="([0-9a-f]+)"')
    found = word.search(client.get("/sign-in").text)
    assert found is not None
    answer = client.post("/sign-in", data={"csrf": found[1], "username": username, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    found = word.search(client.get("/account").text)
    assert found is not None
    return found[1]


class Work:
    """The processor's time spent on answers, here and in PostgreSQL: what a page takes on a machine that is quiet."""

    def __init__(self, engine: Engine) -> None:
        """Find PostgreSQL's processes."""
        with engine.connect() as conn:
            backend = psutil.Process(conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        self._postmaster = backend.parent()

    def seconds(self) -> float:
        """Return the seconds so far."""
        spent = time.process_time()
        for process in self._postmaster.children() if self._postmaster else ():
            with suppress(OSError):
                spent += int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9
        return spent


def _look(client: httpx.Client, role: str, path: str, form: dict[str, str] | None, work: Work) -> dict[str, Any]:
    seconds, worked, size, status = [], [], 0, 0
    behind = 0.0, 0.0
    for number in range(REPEATS + 1):
        spent, begun = work.seconds(), time.perf_counter()
        answer = client.get(path) if form is None else client.post(path, data=form)
        seconds.append(time.perf_counter() - begun)
        worked.append(work.seconds() - spent)
        size, status = len(answer.content), answer.status_code
        if number == 0:
            behind = _behind(work)
    shown = path if form is None else f"{path} {form['q']}"
    return {
        "role": role, "page": shown, "status": status, "ms": statistics.median(seconds[1:]) * 1000,
        "p95_ms": max(seconds[1:]) * 1000, "least_ms": min(seconds[1:]) * 1000, "first_ms": seconds[0] * 1000,
        "work_ms": statistics.median(worked[1:]) * 1000, "first_work_ms": worked[0] * 1000, "kb": size / 1000,
        "behind_s": behind[0], "behind_work_s": behind[1],
    }  # fmt: skip


def _behind(work: Work) -> tuple[float, float]:
    """Wait until nothing is counted in the background; answer how long that took, and what the processors worked."""
    from api.kept import BEHIND

    spent, begun = work.seconds(), time.perf_counter()
    if not BEHIND.busy():
        return 0.0, 0.0
    while BEHIND.busy():
        time.sleep(0.01)
    return time.perf_counter() - begun, work.seconds() - spent


def _line_behind(one: dict[str, Any]) -> str:
    if not one["behind_s"]:
        return ""
    shown = f"  {one['role']} {one['page']}"[:92]
    return f"{shown:<92} counted in the background {one['behind_s']:.2f} s; work {one['behind_work_s']:.2f} s\n"


def _least(one: dict[str, Any]) -> float:
    """Return what a page takes: the time until it was there, or the work where others held the processors."""
    return min(float(one["ms"]), float(one["work_ms"]))


def _is_above(one: dict[str, Any]) -> bool:
    return _least(one) > MARK_MS or one["kb"] > MARK_KB


def _line(one: dict[str, Any]) -> str:
    missed = _is_above(one) or one["status"] != httpx.codes.OK
    return (
        f"{one['role']:<13} {one['page'][:78]:<78}{one['ms']:>8.1f} ms, the worst{one['p95_ms']:>8.1f}, the first"
        f"{one['first_ms']:>8.1f}; work{one['work_ms']:>7.1f} ms, the first{one['first_work_ms']:>8.1f}"
        f"{one['kb']:>7.1f} kB"
        f"   {'MISSED' if missed else 'reached'}{'' if one['status'] == httpx.codes.OK else one['status']}\n"
    )


def main(arguments: Sequence[str]) -> None:
    """Measure and tell; end with a failure where a page did not answer."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench lists", description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder (a short path) for the database, made once")
    parser.add_argument("--cases", type=int, default=CASES, help="how many cases a new database has")
    parser.add_argument("--only", default="", help="pages with this in their address")
    parser.add_argument("--combinations", action="store_true", help="every combination of the search's filters")
    told = parser.parse_args(arguments)
    begun = time.perf_counter()
    with ground(told.cases, told.keep) as engine:
        sys.stderr.write(f"{told.cases} cases in {time.perf_counter() - begun:.0f} s\n")
        if told.combinations:
            from tests.bench.combinations import slow

            sys.stdout.writelines(slow(engine, officers(engine), MARK_MS / 2))
            return
        found = measure(engine, told.only)
    if not told.only:
        keep({"lists": {"cases": told.cases, "pages": found}})
    sys.stdout.write(f"\nPages over {told.cases:,} cases (marks: {MARK_MS:.0f} ms, {MARK_KB:.0f} kB)\n")
    sys.stdout.writelines(_line(one) for one in found)
    sys.stdout.writelines(_line_behind(one) for one in found)
    above = sum(_is_above(one) for one in found)
    sys.stdout.write(f"{above} of {len(found)} pages above the marks; the slowest:\n")
    sys.stdout.writelines(_line(one) for one in sorted(found, key=_least, reverse=True)[:SLOWEST])
    if failed := [one for one in found if one["status"] != httpx.codes.OK]:
        sys.stdout.writelines(_line(one) for one in failed)
        sys.exit(f"{len(failed)} of {len(found)} pages did not answer 200")


if __name__ == "__main__":
    main(sys.argv[1:])
