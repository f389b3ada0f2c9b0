"""Asking a registry (共享数据查询): an answer or TIMEOUT, within bounded time, never an error and never a refusal.

The person asked about stands in the body of a POST; neither an address nor a log line carries anything personal
(个人信息保护法 第6条: no more than the purpose needs).
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections import defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from time import monotonic, perf_counter
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx

from forms.checks import CHECKS
from forms.vocabulary import CheckResult

log = logging.getLogger("lianban.registries")

ANSWER_BYTES = 64 * 1024
SILENT_BEFORE_REST = 5

Subject = Mapping[str, object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a registry said (核验结果): to be attached to the task as it stands; `ms` is what the answer took."""

    check: str
    result: CheckResult
    source: str
    facts: dict[str, Any] = field(default_factory=dict)
    ms: int = 0

    def document(self) -> dict[str, Any]:
        """Return the evidence ready for JSON."""
        return {**asdict(self), "result": self.result.value}


class Registry(Protocol):
    """Whoever answers checks: the city's gateway, the demo registries, a test's own."""

    def ask(self, check: str, subject: Subject) -> Evidence:
        """Return the answer to one question; never raises."""
        ...

    def ask_many(self, check: str, subjects: Sequence[Subject]) -> list[Evidence]:
        """Return the answers in the order of the questions; never raises."""
        ...


class HttpRegistry:
    """The gateway of shared data over HTTP, `POST {url}/checks/{check}`; one for the process, safe between threads.

    Each question has `seconds` in all, however its answer drips. A check has at most `at_once` questions on their way,
    so that a slow registry holds up no other one; after five silent ones in a row it is left alone for `rest_seconds`.
    """

    def __init__(
        self, url: str, token: str | None = None, *, seconds: float = 3.0, at_once: int = 8, rest_seconds: float = 5.0
    ) -> None:
        """Open nothing yet; connections are made by the first questions and kept."""
        where = urlsplit(url)
        self._url = url.rstrip("/")
        self._seconds = seconds
        self._rest_seconds = rest_seconds
        self._client = httpx.AsyncClient(
            headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
            timeout=seconds,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=4 * at_once),
            trust_env=where.hostname not in {"127.0.0.1", "::1", "localhost"},
            verify=where.scheme == "https",  # plain HTTP needs no certificates, which take 100 ms to load
        )
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(at_once))
        self._silent: defaultdict[str, int] = defaultdict(int)
        self._resting: dict[str, float] = {}
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="registries", daemon=True)
        self._thread.start()

    def ask(self, check: str, subject: Subject) -> Evidence:
        """Return the answer to one question within `seconds`, TIMEOUT when there was none; never raises."""
        try:
            return self._wait(self._ask(check, subject, whole=True))
        except Exception as error:
            return _unanswered(check, type(error).__name__)

    def ask_many(self, check: str, subjects: Sequence[Subject]) -> list[Evidence]:
        """Return the answers in the order of the questions, asked `at_once` at a time; never raises."""

        async def together() -> list[Evidence]:
            return list(await asyncio.gather(*(self._ask(check, subject) for subject in subjects)))

        try:
            return self._wait(together())
        except Exception as error:
            return [_unanswered(check, type(error).__name__) for _ in subjects]

    def close(self) -> None:
        """Close the connections; whoever is still waiting or asks later gets TIMEOUT."""

        async def leave() -> None:
            def others() -> set[asyncio.Task[Any]]:
                return asyncio.all_tasks() - {asyncio.current_task()}

            waiting = others()
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            await self._client.aclose()
            await self._loop.shutdown_asyncgens()
            await asyncio.sleep(0)  # answers left half read are closed by tasks of the loop's own: they begin now
            await asyncio.gather(*others(), return_exceptions=True)

        if not self._closed:
            left = asyncio.run_coroutine_threadsafe(leave(), self._loop)
            self._closed = True
            left.result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _wait(self, answer: Coroutine[Any, Any, T]) -> T:
        if self._closed:
            answer.close()
            raise RuntimeError("closed")
        return asyncio.run_coroutine_threadsafe(answer, self._loop).result()

    async def _ask(self, check: str, subject: Subject, *, whole: bool = False) -> Evidence:
        """Ask once a place is free; with `whole` the wait for a place counts as well."""
        started = perf_counter()
        place = self._places[check]
        try:
            async with asyncio.timeout(self._seconds if whole else None), place:
                if monotonic() < self._resting.get(check, 0.0):
                    return _unanswered(check, "resting")
                started = started if whole else perf_counter()
                async with asyncio.timeout(self._seconds):
                    evidence = await self._answer(check, subject, started)
        except Exception as error:  # whatever goes wrong out there is silence to us
            self._fell_silent(check)
            return _unanswered(check, type(error).__name__, _ms_since(started))
        self._silent[check] = 0
        return evidence

    async def _answer(self, check: str, subject: Subject, started: float) -> Evidence:
        known = CHECKS[check]
        question = json.dumps(dict(subject), ensure_ascii=False, default=str).encode()
        async with self._client.stream("POST", f"{self._url}/checks/{check}", content=question) as response:
            response.raise_for_status()
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > ANSWER_BYTES:
                    raise ValueError("too long an answer")
        answer = json.loads(body)
        result = CheckResult(answer["result"])
        source, facts = answer.get("source") or known.source, answer.get("facts") or {}
        if not isinstance(facts, dict) or not isinstance(source, str) or not _storable([source, facts]):
            raise ValueError("no answer that can be kept")
        return Evidence(check, result, source, facts, _ms_since(started))

    def _fell_silent(self, check: str) -> None:
        self._silent[check] += 1
        if self._silent[check] >= SILENT_BEFORE_REST:
            self._resting[check] = monotonic() + self._rest_seconds


def _unanswered(check: str, why: str, ms: int = 0) -> Evidence:
    if why != "resting":
        log.warning("registry gave no answer: check=%s why=%s ms=%d", check, why, ms)
    known = CHECKS.get(check)
    return Evidence(check, CheckResult.TIMEOUT, known.source if known else "", {}, ms)


def _storable(answer: object) -> bool:
    """Tell whether PostgreSQL takes this as JSONB: no NaN, no NUL, no half a character."""
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
    text.encode()
    return "\\u0000" not in text


def _ms_since(started: float) -> int:
    return round((perf_counter() - started) * 1000)
