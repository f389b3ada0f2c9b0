"""`lianban api` and `lianban worker`: one part alone, against servers that run elsewhere."""

from __future__ import annotations

import gc
import os
import socket
import sys
from typing import Annotated

import typer


def api(listener: Annotated[int | None, typer.Option(hidden=True)] = None) -> None:
    """只启动接口与网页（数据库与引擎在别处）。"""
    import uvicorn

    from api.app import create_app
    from api.supervise import listening
    from infra.logs import write_logs
    from infra.settings import settings

    write_logs(settings().log_level)
    config = uvicorn.Config(
        create_app(settings()),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,
        lifespan="on",
    )
    gc.collect()
    gc.freeze()  # forms, routes and libraries stay for good: no collection need walk them while people wait
    if listener is not None:
        uvicorn.Server(config).run(sockets=[socket.socket(fileno=listener)])
        return
    with listening(settings().host, settings().port) as opened:
        typer.echo(f"接口：http://{settings().host}:{settings().port}")
        uvicorn.Server(config).run(sockets=[opened])


def worker() -> None:
    """只启动一个办理进程（数据库与引擎在别处）；可在多台机器上同时运行。"""
    from infra.settings import settings

    if settings().prefect_url is None:
        from api.refusal import Refusal

        raise Refusal("请用 PREFECT_API_URL 指定 Prefect 服务的地址。")

    import anyio

    from flows.passes import ready_matters
    from flows.registry import passes
    from infra.database import engine
    from infra.engine.worker import work
    from infra.logs import write_logs

    write_logs(settings().log_level)

    def ready() -> list[str]:
        with engine().connect() as conn:
            return list(ready_matters(conn))

    anyio.run(work, settings(), passes(), ready)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a pass that outlasts its grace is left to the next one


COMMANDS = [api, worker]
