"""Demo registries (演示数据源): every check over real HTTP on loopback, synthetic answers, deterministic.

A valid synthetic number MATCHes, with three exceptions for showing what else can happen, by the birthday in it: on
29 December NOT_FOUND, on the 30th MISMATCH, on the 31st no answer. `POST /_control` sets more for tests and shows:

    {"check": "degree", "about": "<number>", "result": "mismatch", "facts": {...}}   one person or employer
    {"check": "degree", "behaviour": "slow", "seconds": 2}                           one registry ("*" all of them)
    {"reset": true}
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from json import JSONDecodeError
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from stdnum.cn import uscc

from forms.checks import CHECKS
from forms.identity import resident_id_finding
from forms.vocabulary import CheckResult
from infra.demo.people import ODD_BIRTHDAYS
from infra.settings import settings

BEHAVIOURS = ("normal", "slow", "silent", "dead", "garbled")
TOKEN_NEEDED = "演示数据源需要访问令牌：请设置 LIANBAN_REGISTRY_TOKEN。"

_PERSONAL = frozenset({"id_number", "name", "mobile", "account_no", "spouse_id"})
_ALWAYS_KNOWN: dict[str, dict[str, Any]] = {
    "household": {"status": "在册"},
    "residence": {"verified": True},
    "social_insurance": {"place": "青岛市平度市", "status": "正常缴费"},
    "employer": {"status": "存续"},
    "medical_insurance": {"status": "正常参保"},
    "vaccination": {"complete": True},
    "duplicate_benefit": {"other_benefits": []},
}


@dataclass
class Controls:
    """What a test or a show has set, and how often each check was asked."""

    results: dict[tuple[str, str], tuple[CheckResult, dict[str, Any]]] = field(default_factory=dict)
    behaviours: dict[str, tuple[str, float]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def behaviour(self, check: str) -> tuple[str, float]:
        """Return how the registry of a check behaves, and how many seconds it takes."""
        return self.behaviours.get(check) or self.behaviours.get("*") or ("normal", 0.0)

    def change(self, order: dict[str, Any]) -> None:
        """Follow an order to `/_control`; KeyError, TypeError or ValueError when it makes no sense."""
        if order.get("reset"):
            self.results.clear()
            self.behaviours.clear()
            self.asked.clear()
            return
        check = order["check"]
        if check != "*" and check not in CHECKS:
            raise ValueError(check)
        if "behaviour" in order:
            behaviour, seconds = order["behaviour"], float(order.get("seconds", 0))
            if behaviour not in BEHAVIOURS:
                raise ValueError(behaviour)
            self.behaviours[check] = (behaviour, seconds)
        else:
            self.results[check, str(order["about"])] = CheckResult(order["result"]), dict(order.get("facts", {}))


def answer(controls: Controls, check: str, subject: dict[str, Any]) -> tuple[CheckResult, dict[str, Any]]:
    """Return what the demo registry of `check` knows about a subject; the same today and tomorrow."""
    about = str(subject.get(CHECKS[check].about, "")).upper()
    for of in (check, "*"):
        if (set_answer := controls.results.get((of, about))) is not None:
            return set_answer
    if CHECKS[check].about == "uscc":
        result = CheckResult.MATCH if uscc.is_valid(about) else CheckResult.NOT_FOUND
    elif resident_id_finding(about) is not None:
        result = CheckResult.NOT_FOUND
    else:
        result = ODD_BIRTHDAYS.get((int(about[10:12]), int(about[12:14])), CheckResult.MATCH)
    if result is not CheckResult.MATCH:
        return result, {}
    claimed = {key: value for key, value in subject.items() if key not in _PERSONAL and key != CHECKS[check].about}
    return result, {**_ALWAYS_KNOWN.get(check, {}), **claimed}


def create_app(token: str) -> Starlette:
    """Return the registries as an ASGI application that wants `token` as its bearer."""
    controls = Controls()

    def allowed(request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())

    async def ask(request: Request) -> Response:
        check = request.path_params["check"]
        if not allowed(request):
            return Response(status_code=401)
        subject = await _body(request)
        if check not in CHECKS or subject is None:
            return Response(status_code=404 if subject is not None else 400)
        controls.asked[check] += 1
        behaviour, seconds = controls.behaviour(check)
        await asyncio.sleep(seconds if behaviour != "silent" else seconds or 60.0)
        result, facts = answer(controls, check, subject)
        if behaviour in {"dead", "silent"} or result is CheckResult.TIMEOUT:
            return Response(status_code=503)
        if behaviour == "garbled":
            return Response("<html>维护中", media_type="text/html")
        return JSONResponse({"result": result.value, "source": CHECKS[check].source, "facts": facts})

    async def control(request: Request) -> Response:
        if not allowed(request):
            return Response(status_code=401)
        if request.method == "POST":
            try:
                controls.change((await _body(request)) or {})
            except (KeyError, TypeError, ValueError):
                return Response(status_code=422)
        return JSONResponse({"asked": controls.asked, "behaviours": controls.behaviours})

    async def healthy(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/checks/{check}", ask, methods=["POST"]),
            Route("/_control", control, methods=["GET", "POST"]),
            Route("/healthz", healthy),
        ]
    )


def serve(port: int, token: str, host: str = "127.0.0.1") -> None:
    """Answer on `port` until the process is told to stop."""
    _server(token, host, port).run()


@contextmanager
def running(token: str) -> Iterator[str]:
    """Have the registries answer from a thread on a free loopback port, and yield their address."""
    server = _server(token, "127.0.0.1", 0)
    up = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        async def answer_until_told() -> None:
            serving = asyncio.ensure_future(server.serve([listening]))
            while not server.started and not serving.done():
                await asyncio.sleep(0.005)
            up.set()
            await serving

        thread = threading.Thread(target=asyncio.run, args=(answer_until_told(),), name="demo registries", daemon=True)
        thread.start()
        if not up.wait(10):
            raise RuntimeError("the demo registries did not start")
        try:
            yield "http://{}:{}".format(*listening.getsockname())
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


def main() -> None:
    """Serve on `--port` with the token of LIANBAN_REGISTRY_TOKEN; for demo and test only."""
    options = argparse.ArgumentParser(prog="infra.registries.demo", description="演示数据源")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--host", default="127.0.0.1")
    chosen = options.parse_args()
    token = settings().registry_token
    if token is None:
        sys.exit(TOKEN_NEEDED)
    serve(chosen.port, token.get_secret_value(), chosen.host)


def _server(token: str, host: str, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            create_app(token), host=host, port=port, log_level="warning", access_log=False, lifespan="off", ws="none"
        )
    )


async def _body(request: Request) -> dict[str, Any] | None:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return None
    return body if isinstance(body, dict) else None


if __name__ == "__main__":
    main()
