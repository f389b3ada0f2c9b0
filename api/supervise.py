"""`lianban run` (总控): database, Prefect's server, worker and interface, kept alive and stopped together."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http import HTTPStatus
from importlib.util import find_spec

from api.parts import Child, Database, Part, Watch
from api.refusal import Refusal, why
from infra import migrations
from infra.engine import server as prefect
from infra.home import embedded, hold, keep_purpose
from infra.postgres import Cluster
from infra.settings import Settings

log = logging.getLogger(__name__)

QUIET_PORTS = range(20_000, 32_000)  # Linux gives out 32768 and above, macOS 49152 and above
ENGINE = ("prefect", "worker")  # started last: people never wait for the engine


def run(settings: Settings, prepare: Callable[[Settings], None], tell: Callable[[str], None]) -> None:
    """Have the whole platform run until SIGINT or SIGTERM; `prepare` fills a migrated database in demo mode.

    The interface answers before the engine is ready: people never wait for the engine. What ends in one sentence is
    raised: Refusal, HomeError, ClusterError, AccountError, SchemaError.
    """
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    with ExitStack() as held:
        held.enter_context(hold(settings))
        keep_purpose(settings)
        public = held.enter_context(listening(settings.host, settings.port))
        inner = held.enter_context(listening("127.0.0.1", settings.prefect_port))
        cluster = held.enter_context(embedded(settings)) if settings.embedded else None
        migrations.upgrade(settings.sqlalchemy_url())
        prepare(settings)
        watches = [Watch(part) for part in _parts(settings, cluster, public, inner)]
        try:
            engine = [watch for watch in watches if watch.part.name in ENGINE]
            for watch in watches:
                if watch not in engine:
                    watch.begin()
            if _interface_is_up(watches, stop):
                tell(f"联办已启动：http://{settings.host}:{settings.port}")
                tell(f"日志：{settings.logs_folder}    停止：Ctrl-C")
            for watch in engine:
                watch.begin()
            stop.wait()
            tell("正在停止……")
        finally:
            for names in (("api", "worker", "registries"), ("prefect",), ("postgres",)):
                _end([watch for watch in watches if watch.part.name.startswith(names)])


def _parts(settings: Settings, cluster: Cluster | None, public: socket.socket, inner: socket.socket) -> Iterator[Part]:
    python = [sys.executable, "-m", "infra.parent"]
    url = settings.prefect_url or f"http://127.0.0.1:{inner.getsockname()[1]}/api"
    environment = {**_environment(settings), **prefect.client_environment(settings, url)}
    logs = settings.logs_folder
    if cluster is not None:
        yield Database(cluster)
    if settings.demo and settings.registry_url is None and find_spec("infra.registries.demo"):
        port = free_port()
        word = settings.secret("registries.token")
        environment |= {"LIANBAN_REGISTRY_URL": f"http://127.0.0.1:{port}", "LIANBAN_REGISTRY_TOKEN": word}
        command = [*python, "infra.registries.demo", "--port", str(port)]
        yield Child("registries", command, environment, logs)
    for number in range(settings.api_workers):
        name = "api" if number == 0 else f"api-{number + 1}"
        command = [*python, "api", "api", "--listener", str(public.fileno())]
        yield Child(name, command, environment, logs, keep=[public.fileno()], probe=lambda: api_answers(settings))
    if settings.prefect_url is None:
        yield _prefect(settings, cluster, inner, url, python)
    yield Child("worker", [*python, "api", "worker"], environment, logs)


def _prefect(settings: Settings, cluster: Cluster | None, inner: socket.socket, url: str, python: list[str]) -> Child:
    """Answer Prefect's server, on a database beside ours; where that was dropped it is made anew."""
    if cluster is not None:
        before: Callable[[], None] | None = lambda: cluster.ensure_database(prefect.DATABASE)  # noqa: E731
        base = cluster.dsn(prefect.DATABASE)
    else:
        base = os.environ.get("PREFECT_API_DATABASE_CONNECTION_URL") or os.environ.get(
            "PREFECT_SERVER_DATABASE_CONNECTION_URL", ""
        )
        before = None
        if not base:
            raise Refusal(
                "使用外部数据库时，请用 PREFECT_SERVER_DATABASE_CONNECTION_URL 指定 Prefect 的数据库，"
                "或用 PREFECT_API_URL 指定已有的 Prefect 服务。"
            )
    return Child(
        "prefect",
        [*python, "infra.engine.server", str(inner.fileno())],
        {**_environment(settings), **prefect.server_environment(settings, url, base)},
        settings.logs_folder,
        keep=[inner.fileno()],
        probe=lambda: (
            prefect.probe(url, prefect.access(settings)) in {prefect.Health.GOOD, prefect.Health.UNREGISTERED}
        ),
        before=before,
        patience=3.0,  # it holds nothing of value
    )


def _environment(settings: Settings) -> dict[str, str]:
    told = {"LIANBAN_HOME": str(settings.home), "LIANBAN_DEMO": str(settings.demo), "LIANBAN_TEST": str(settings.test)}
    if settings.database_url is not None:
        told["LIANBAN_DATABASE_URL"] = settings.database_url.get_secret_value()
    return told


def _interface_is_up(watches: list[Watch], stop: threading.Event) -> bool:
    """Wait until the interface answers, which has the machine to itself so long; False once told to stop."""
    interface = next(watch for watch in watches if watch.part.name == "api")
    while not stop.is_set():
        if interface.up.wait(0.1):
            return True
    return False


def _end(watches: list[Watch]) -> None:
    """Have these stopped, side by side."""
    threads = [threading.Thread(target=watch.end) for watch in watches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Hold the port (0: any free one) as long as the block runs, whoever serves it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends without delay (TCP_NODELAY) only where the protocol is named: else every answer waits 40 ms
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise Refusal(f"无法监听 {host}:{port}（{why(error)}）。请用 LIANBAN_PORT 指定其他端口。") from None
        listener.listen(1024)
        yield listener


def free_port() -> int:
    """Answer a port of the loopback that nobody holds just now.

    It lies below those a system gives out by itself, so that no connection takes it before it is used.
    """
    while True:
        with suppress(Refusal), listening("127.0.0.1", secrets.choice(QUIET_PORTS)) as found:
            return int(found.getsockname()[1])


def api_answers(settings: Settings) -> bool:
    """Tell whether the interface answers its liveness question."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    return prefect.ask(f"http://{host}:{settings.port}/healthz") == HTTPStatus.OK
