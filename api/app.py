"""The application (应用): the JSON interface and the pages put together."""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

import api.pages
import api.routers
from api import errors, frame, openapi
from api.live import Hub
from api.metrics import Metrics
from api.middleware import Edge
from flows.casework.secrets import vault
from forms.errors import Unavailable
from infra import clock, database
from infra.filestore import FileStore
from infra.settings import Settings
from infra.store import idempotency

log = logging.getLogger(__name__)

FIRST = frozenset({"applications", "cases", "tasks"})
"""What is called most is looked for first: an address is compared with one route after the other."""
FORGET_SECONDS = 3600.0
KEPT = timedelta(hours=48)


def create_app(settings: Settings) -> FastAPI:
    """Return the application for these settings; nothing is read from the database before the first call."""
    app = FastAPI(
        title="联办",
        version="1",
        summary="一口受理、并联办理、闭环管理",
        lifespan=_lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.engine = database.engine(settings.sqlalchemy_url())
    app.state.metrics = Metrics(app.state.engine)
    app.state.hub = Hub(app.state.engine)
    app.add_middleware(Edge, settings=settings, metrics=app.state.metrics)
    errors.install(app)
    openapi.install(app)
    names = [module.name for module in pkgutil.iter_modules(api.routers.__path__)]
    for name in sorted(names, key=lambda name: (name not in FIRST, name)):
        app.include_router(importlib.import_module(f"api.routers.{name}").ROUTER)
    entries: list[frame.Entry] = []
    for module in pkgutil.iter_modules(api.pages.__path__):
        desk = importlib.import_module(f"api.pages.{module.name}")
        app.include_router(desk.ROUTER, include_in_schema=False)
        entries += desk.MENU
    frame.install(app, entries)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    work = (
        _forget_first_answers(app.state.engine),
        _look_after_files(app.state.settings.files_folder),
        app.state.hub.run(),
    )
    running = [asyncio.create_task(one) for one in work]
    yield
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)  # told once and waited for, each closes what it holds
    app.state.engine.dispose()


async def _look_after_files(folder: Path) -> None:
    """Clear what broken uploads left behind, and seal what an older release kept open; once, beside the first calls."""
    over = threading.Event()
    try:
        sealed = await asyncio.to_thread(lambda: FileStore(folder, vault()).look_after(over))
        if sealed:
            log.info("sealed %d files that an older release had kept open", sealed)
    except (OSError, Unavailable) as error:
        log.warning("the files are not looked after until the next start: %s", type(error).__name__)
    finally:
        over.set()


async def _forget_first_answers(engine: Engine) -> None:
    """Let go of the answers kept for Idempotency-Keys, hour by hour, when nobody asks for them any more."""
    while True:
        try:
            await run_in_threadpool(_forget, engine)
        except SQLAlchemyError as error:
            log.warning("first answers are not forgotten: %s", type(error).__name__)
        await asyncio.sleep(FORGET_SECONDS)


def _forget(engine: Engine) -> None:
    with engine.begin() as conn:
        idempotency.forget(conn, clock.machine() - KEPT)
