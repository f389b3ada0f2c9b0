"""The drivers (施压进程): the same few processes and threads for every way; acts are timed where they are awaited."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from tests.bench.intakes import intakes
from tests.bench.ways import WAYS, Todo, Way

PROCESSES = 2
THREADS = 2


@dataclass(frozen=True, slots=True)
class Share:
    """What one driver did in one phase: from when to when (monotonic), its CPU, each act's seconds."""

    begun: float
    ended: float
    cpu: float
    seconds: list[float]
    todos: list[Todo]


@dataclass(frozen=True, slots=True)
class Phase:
    """What all drivers did together."""

    wall: float
    cpu: float
    seconds: list[float]
    todos: list[Todo]


class Drivers:
    """The driver processes, alive for the whole measurement."""

    def __init__(self, pipes: Sequence[Connection]) -> None:
        """Keep the pipes to them."""
        self._pipes = pipes

    def ready(self, way: str) -> None:
        """Have every thread's means of `way` in place, connections open."""
        self._all("ready", [way] * len(self._pipes))

    def submit(self, way: str, first: int, count: int, *, alone: bool = False) -> Phase:
        """File `count` intakes; `alone` from one thread, as a window does that nobody competes with."""
        if alone:
            return self._all("submit", [(way, 1, first, count)])
        edges = [first + count * place // len(self._pipes) for place in range(len(self._pipes) + 1)]
        return self._all("submit", [(way, THREADS, begin, end - begin) for begin, end in itertools.pairwise(edges)])

    def decide(self, way: str, todos: Sequence[Todo], *, alone: bool = False) -> Phase:
        """Approve the tasks in the order given; `alone` from one thread."""
        if alone:
            return self._all("decide", [(way, 1, todos)])
        step = len(self._pipes)
        return self._all("decide", [(way, THREADS, todos[place::step]) for place in range(step)])

    def _all(self, what: str, told: Sequence[Any]) -> Phase:
        asked = self._pipes[: len(told)]
        for pipe, message in zip(asked, told, strict=True):
            pipe.send((what, message))
        shares: list[Share] = []
        for pipe in asked:
            answer = pipe.recv()
            if isinstance(answer, str):
                raise RuntimeError(f"a driver failed: {answer}")
            shares.append(answer)
        return Phase(
            max(share.ended for share in shares) - min(share.begun for share in shares),
            sum(share.cpu for share in shares),
            [second for share in shares for second in share.seconds],
            [todo for share in shares for todo in share.todos],
        )


@contextmanager
def drivers(told: dict[str, Any], environment: dict[str, str]) -> Iterator[Drivers]:
    """Have the driver processes run as long as the block does; `told` says where everything is."""
    context = multiprocessing.get_context("spawn")
    pipes, running = [], []
    for _ in range(PROCESSES):
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, told, environment), daemon=True)
        process.start()
        theirs.close()
        pipes.append(ours)
        running.append(process)
    try:
        yield Drivers(pipes)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in running:
            process.join(10)


def _serve(pipe: Connection, told: dict[str, Any], environment: dict[str, str]) -> None:
    os.environ.update(environment)
    means: dict[str, list[Way]] = {}
    while True:
        try:
            what, message = pipe.recv()
        except EOFError:
            return
        try:
            if what == "ready":
                means[message] = [WAYS[message](told) for _ in range(THREADS)]
                pipe.send(Share(0.0, 0.0, 0.0, [], []))
            elif what == "submit":
                way, threads, first, count = message
                bodies = list(intakes(first, count))
                pipe.send(_run([one.submit for one in means[way][:threads]], bodies))
            else:
                way, threads, todos = message
                pipe.send(_run([one.decide for one in means[way][:threads]], todos))
        except Exception as error:
            pipe.send(f"{type(error).__name__}: {error}")


def _run(acts: Sequence[Callable[[Any], list[Todo] | None]], work: Sequence[Any]) -> Share:
    """Do all the work with one thread for each of `acts`, which take from one queue."""
    queue, seconds, todos, failed = deque(work), list[float](), list[Todo](), list[Exception]()

    def take(act: Callable[[Any], list[Todo] | None]) -> None:
        while not failed:
            try:
                item = queue.popleft()
            except IndexError:
                return
            begun = time.perf_counter()
            try:
                todos.extend(act(item) or ())
            except Exception as error:
                failed.append(error)
                return
            seconds.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=take, args=[act]) for act in acts]
    begun, cpu = time.monotonic(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = time.monotonic()
    if failed:
        raise failed[0]
    return Share(begun, ended, time.process_time() - cpu, seconds, todos)
