"""What is kept a while: counts over few rows are always as of now, those over many tell of what moment they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine

from api.kept import BEHIND, MANY, Kept, Queue, Told


def _counting(weights: list[int]) -> Callable[[object], int]:
    """Return a count that answers one number after the other."""
    return lambda _conn: weights.pop(0)


def _until(ask: Callable[[], Told[int] | None], wanted: int) -> Told[int]:
    """Ask until the count in the background is there."""
    for _ in range(600):
        told = ask()
        if told is not None and told.value == wanted:
            return told
        time.sleep(0.05)
    raise AssertionError("it was never counted")


def _ended(queue: Queue) -> None:
    """Wait until everything is counted."""
    for _ in range(600):
        if not queue.busy():
            return
        time.sleep(0.05)
    raise AssertionError("it was never counted")


def test_few_rows_are_counted_anew_for_everybody(api_engine: Engine) -> None:
    kept: Kept[int] = Kept(60, lambda value: value)
    count = _counting([1, 2, 3])
    with api_engine.connect() as conn:
        told = [kept.get(api_engine, conn, "all", count) for _ in range(3)]
    assert [one.value for one in told] == [1, 2, 3]
    assert all(one.fresh and not one.kept for one in told)


def test_many_rows_are_counted_once_and_are_as_of_now_while_nothing_changes(api_engine: Engine) -> None:
    stamp = ["one"]
    kept: Kept[int] = Kept(0, lambda value: value, lambda _conn: stamp[0])
    count = _counting([MANY, MANY + 1])
    with api_engine.connect() as conn:
        assert kept.get(api_engine, conn, "all", count).kept
        told = kept.get(api_engine, conn, "all", count)
        assert (told.value, told.fresh) == (MANY, True)
        stamp[0] = "two"
        old = kept.get(api_engine, conn, "all", count)
        assert (old.value, old.fresh) == (MANY, False)
        assert old.at < told.at
        again = _until(lambda: kept.get(api_engine, conn, "all", count), MANY + 1)
        assert again.fresh


def test_what_is_not_there_yet_keeps_nobody_waiting(api_engine: Engine) -> None:
    kept: Kept[int] = Kept(60, lambda value: value)
    count = _counting([MANY])
    with api_engine.connect() as conn:
        assert kept.peek(api_engine, conn, "all", count) is None
        assert _until(lambda: kept.peek(api_engine, conn, "all", count), MANY).kept


def test_a_count_in_the_background_is_told_however_little_it_found(api_engine: Engine) -> None:
    kept: Kept[int] = Kept(60, lambda value: value)
    count = _counting([0, 1])
    with api_engine.connect() as conn:
        assert kept.peek(api_engine, conn, "few", count) is None
        assert _until(lambda: kept.peek(api_engine, conn, "few", count), 0).value == 0


def test_readers_with_other_walls_are_told_other_counts(api_engine: Engine) -> None:
    kept: Kept[int] = Kept(60, lambda value: value)
    count = _counting([MANY, MANY + 5])
    with api_engine.connect() as conn:
        assert kept.get(api_engine, conn, "here", count).value == MANY
        assert kept.get(api_engine, conn, "there", count).value == MANY + 5
        assert kept.get(api_engine, conn, "here", count).value == MANY


def test_in_the_background_one_count_follows_the_other(api_engine: Engine) -> None:
    first, second = Kept[int](60, lambda value: value), Kept[int](60, lambda value: value)
    asked, begun, together = threading.Event(), threading.Event(), []

    def long(_conn: Connection) -> int:
        assert asked.wait(30)
        together.append(begun.wait(0.5))
        return MANY

    def short(_conn: Connection) -> int:
        begun.set()
        return MANY + 1

    with api_engine.connect() as conn:
        assert first.peek(api_engine, conn, "all", long) is None
        assert second.peek(api_engine, conn, "all", short) is None
        asked.set()
        assert _until(lambda: second.peek(api_engine, conn, "all", short), MANY + 1).kept
        assert _until(lambda: first.peek(api_engine, conn, "all", long), MANY).kept
    assert together == [False]


def test_however_many_ask_for_a_count_it_waits_its_turn_once(api_engine: Engine) -> None:
    kept: Kept[int] = Kept(60, lambda value: value)
    asked, counts = threading.Event(), []

    def make(_conn: Connection) -> int:
        assert asked.wait(30)
        counts.append(1)
        return MANY

    with api_engine.connect() as conn:
        assert [kept.peek(api_engine, conn, "all", make) for _ in range(5)] == [None] * 5
        asked.set()
        _until(lambda: kept.peek(api_engine, conn, "all", make), MANY)
    _ended(BEHIND)
    assert counts == [1]


def test_what_is_quickly_counted_comes_first_and_a_failure_keeps_nobody_back() -> None:
    queue, begun, asked, order = Queue(), threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        assert asked.wait(30)

    def fail() -> None:
        order.append("failed")
        raise ZeroDivisionError

    queue.add(1, first)
    assert begun.wait(30)
    queue.add(20, lambda: order.append("slow"))
    queue.add(0.1, lambda: order.append("quick"))
    queue.add(5, fail)
    asked.set()
    _ended(queue)
    assert order == ["quick", "failed", "slow"]
