"""`lianban simulate`: a whole working day, played against a platform of its own."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer


def simulate(
    applications: Annotated[int | None, typer.Option(min=1, help="只演这么多件申请（挑最有代表性的）")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="演完保留数据目录")] = False,
    home: Annotated[Path | None, typer.Option(help="数据目录，须为空；不填则用临时目录")] = None,
) -> None:
    """模拟一个工作日：在独立的演示环境里逐件办理，核对每一个结果；有不符则以非零状态退出。"""
    from rich.console import Console

    from api.simulation.outcome import compare, show
    from api.simulation.performance import perform
    from api.simulation.stage import stage
    from infra.demo.day import turns

    console = Console()
    with _folder(home, keep) as folder, stage(folder) as built:
        console.print(f"演示环境：{built.url}    数据目录：{folder}", highlight=False)
        begun = time.monotonic()
        with perform(built, turns(applications), console) as play:
            seconds = time.monotonic() - begun
            report = compare(play)
        verified = built.command("verify")
        if verified.returncode != 0:
            report.differences.append(f"lianban verify：{(verified.stdout + verified.stderr).strip()}")
        show(console, play, report, seconds)
        if verified.returncode == 0:
            console.print(verified.stdout.strip(), highlight=False)
    if report.differences:
        raise typer.Exit(1)


@contextmanager
def _folder(home: Path | None, keep: bool) -> Iterator[Path]:
    """Have an empty folder for the data; removed afterwards unless it is to be kept or is not ours."""
    from api.refusal import Refusal

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.default_int_handler)
    if home is not None:
        if home.exists() and any(home.iterdir()):
            raise Refusal(f"目录 {home} 不是空的；模拟工作日只在空目录里进行。")
        yield home.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="lianban-"))
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


COMMANDS = [simulate]
