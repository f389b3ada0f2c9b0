"""What is told of due days that moved with the calendar (日历变动结果), at a shell and on the page alike."""

from __future__ import annotations

from flows.reproject import Tally


def moved(tally: Tally) -> str:
    """Say how many due days moved, on how many cases."""
    return f"移动了 {tally.moved} 个未结期限（{tally.cases} 个办件）。"


def caught_up(tally: Tally | None) -> str:
    """Say what an earlier change had left undone and was moved first; nothing where nothing was left."""
    return f"此前的日历变动没有办完，已先补做：{moved(tally)}" if tally is not None and tally.moved else ""
