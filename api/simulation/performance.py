"""The performance (一场演出): everybody signed in, the day played on a stage, progress shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.simulation.caller import Line
from api.simulation.play import AT_ONCE, Play
from api.simulation.stage import Stage
from api.simulation.troupe import Troupe
from forms.vocabulary import CaseStatus
from infra.demo.day import Turn


@contextmanager
def perform(built: Stage, turns: Sequence[Turn], console: Console) -> Iterator[Play]:
    """Play these turns on the stage to their end, and leave everybody signed in for the questions afterwards."""
    with Line(built.url, AT_ONCE) as line:
        play = Play(turns, Troupe(line, built.tokens), line)
        endings = [end for turn in turns for name, end in turn.story.ends.items() if name != "application"]
        with _bar(console) as progress:
            total = sum(end.status is not CaseStatus.CLOSED_OK for end in endings)
            counted = progress.add_task("", total=total, acts=0)
            play.board.told = lambda: progress.update(counted, completed=play.board.ended, acts=play.board.done)
            play.run(lambda today: progress.update(counted, description=today))
        yield play


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("件办结，{task.fields[acts]} 项办理"),
        TimeElapsedColumn(),
        console=console,
    )
