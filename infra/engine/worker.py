"""The worker (办理进程): takes runs from the pool and runs the matters' flows inside this very process.

It registers pool and deployments itself, again whenever they have vanished (Prefect's database dropped and made anew).
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar
from uuid import UUID

import anyio
import anyio.abc
import anyio.to_thread
import psycopg
from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import DeploymentSort
from prefect.context import AsyncClientContext, SyncClientContext
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_WORKER_ENABLE_CANCELLATION, PREFECT_WORKER_QUERY_SECONDS, temporary_settings
from prefect.states import Crashed
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from infra.engine.nudge import BELL, WORKER, nudge
from infra.engine.server import POOL
from infra.settings import Settings

log = logging.getLogger(__name__)

GUARD_SECONDS = 2.0
AGAIN_SECONDS = 1.0
GRACE_SECONDS = 3.0
LIST_LIMIT = 200

Flows = Mapping[str, Flow[..., Any]]


class Done(BaseWorkerResult):
    """A run that has ended, one way or another; Prefect knows which."""


class LianbanWorker(BaseWorker[BaseJobConfiguration, BaseVariables, Done]):
    """Runs flows in threads of its own process: a nudged run ends 0.4 s after it was created."""

    type = POOL
    job_configuration = BaseJobConfiguration
    flows: Flows
    deployments: Mapping[UUID, str]
    running: ClassVar[set[UUID]] = set()

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Take the run and run it; Prefect's own way first reads deployment, flow and infrastructure (seven calls)."""
        try:
            if await self._propose_pending_state(flow_run):  # only one worker gets a yes
                await self.run(flow_run, BaseJobConfiguration())
        finally:
            self._release_limit_slot(flow_run.id)
            self._submitting_flow_run_ids.discard(flow_run.id)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> Done:
        """Have `flow_run` run to its end in a thread; what goes wrong in it is Prefect's to record."""
        if task_status is not None:
            task_status.started(os.getpid())
        matter = self.deployments.get(flow_run.deployment_id) if flow_run.deployment_id else None
        if matter is None:
            await self.client.set_flow_run_state(flow_run.id, Crashed(message="unknown deployment"), force=True)
            return Done(status_code=0, identifier="unknown")
        self.running.add(flow_run.id)
        try:
            await anyio.to_thread.run_sync(
                lambda: run_flow(self.flows[matter], flow_run=_alone(flow_run), return_type="state"),
                abandon_on_cancel=True,
                limiter=anyio.CapacityLimiter(1),  # the worker's own limit says how many at once
            )
        except Exception:
            log.exception("the pass of %s ended unexpectedly; the next does the rest", matter)
        finally:
            self.running.discard(flow_run.id)
        return Done(status_code=0, identifier=str(os.getpid()))


def _alone(flow_run: FlowRun) -> FlowRun:
    """Return a run as its flow sees it: of no deployment, so that nothing waits beside it to hear that it be suspended.

    A pass takes seconds and is not suspended; a thread with a line of its own to the server is a quarter of its cost.
    """
    return flow_run.model_copy(update={"deployment_id": None})


def _kept_here(flows: Flows, settings: Settings) -> dict[str, Flow[..., Any]]:
    """Return flows that keep no results and know it: they need not ask the server where results would be kept."""
    place = settings.home / "prefect" / "storage"
    return {matter: flow.with_options(result_storage=place, persist_result=False) for matter, flow in flows.items()}


async def register(client: PrefectClient, flows: Flows) -> dict[UUID, str]:
    """Have the pool and one deployment per matter exist (its name the matter's code); answers who is who."""
    template = LianbanWorker.get_default_base_job_template()
    with suppress(ObjectAlreadyExists):
        await client.create_work_pool(WorkPoolCreate(name=POOL, type=POOL, base_job_template=template))
    known: dict[UUID, str] = {}
    for matter, flow in flows.items():
        flow_id = await client.create_flow_from_name(flow.name)
        known[await client.create_deployment(flow_id, matter, work_pool_name=POOL)] = matter
    return known


async def registered(client: PrefectClient, known: Mapping[UUID, str]) -> bool:
    """Tell whether pool and deployments are still those we know."""
    try:
        await client.read_work_pool(POOL)
    except ObjectNotFound:
        return False
    found = await client.read_deployments(
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=list(known.values()))),
        limit=LIST_LIMIT,
        sort=DeploymentSort.NAME_ASC,
    )
    return {deployment.id for deployment in found} >= known.keys()


async def work(settings: Settings, flows: Flows, ready: Callable[[], Iterable[str]]) -> None:
    """Take and run runs until SIGTERM or SIGINT; every sweep nudges the matters that `ready` names.

    Prefect may be down, restarted or wiped meanwhile: the worker waits, registers again and goes on.
    """
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_end_on_signal, tasks.cancel_scope)
        told = False
        while True:
            try:
                await _serve(settings, flows, ready)
                told = False
            except Exception as error:
                if not told:
                    log.warning("the engine cannot be reached, trying on: %s", _innermost(error))
                told = True
            await anyio.sleep(AGAIN_SECONDS)


async def _serve(settings: Settings, flows: Flows, ready: Callable[[], Iterable[str]]) -> None:
    """Register, sweep and run a worker until its registration has vanished."""
    name = f"{socket.gethostname()}-{os.getpid()}"
    quick = {PREFECT_WORKER_QUERY_SECONDS: settings.poll_seconds, PREFECT_WORKER_ENABLE_CANCELLATION: False}
    with temporary_settings(quick), SyncClientContext():
        async with AsyncClientContext(), get_client() as client:
            known = await register(client, flows)
            worker = LianbanWorker(work_pool_name=POOL, name=name, limit=settings.pass_workers, prefetch_seconds=1)
            worker.flows, worker.deployments = _kept_here(flows, settings), known
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lambda: worker.start(printer=log.info))
                tasks.start_soon(_sweep, settings, ready)
                tasks.start_soon(_hear_bell, settings, worker)
                while await registered(client, known):
                    await anyio.sleep(GUARD_SECONDS)
                log.warning("pool or deployments have vanished: registering again")
                tasks.cancel_scope.cancel()


async def _sweep(settings: Settings, ready: Callable[[], Iterable[str]]) -> None:
    told = False
    while True:
        try:
            for matter in await anyio.to_thread.run_sync(lambda: list(ready())):
                nudge(matter)
            told = False
        except Exception as error:
            if not told:
                log.warning("the sweep could not look for work, trying on: %s", _innermost(error))
            told = True
        await anyio.sleep(settings.sweep_seconds)


async def _hear_bell(settings: Settings, worker: LianbanWorker) -> None:
    """Look for runs at once when the nudge rings; the poll is the truth, the bell only hurries it."""
    address = settings.sqlalchemy_url().replace("+psycopg", "", 1)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True, application_name=WORKER) as conn:
                await conn.execute(f"LISTEN {BELL}")
                async for _ in conn.notifies():
                    await worker.get_and_submit_flow_runs()
        except Exception as error:
            log.info("the bell is not to be heard for now: %s", _innermost(error))
        await anyio.sleep(AGAIN_SECONDS)


async def _end_on_signal(scope: anyio.CancelScope) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told.set)
    await told.wait()
    with anyio.move_on_after(GRACE_SECONDS):
        while LianbanWorker.running:
            await anyio.sleep(0.05)
    scope.cancel()


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
