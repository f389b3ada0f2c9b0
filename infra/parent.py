"""Children do not outlive their parent (子进程随主进程退出): a killed `lianban run` leaves no orphans.

`python -m infra.parent <module> <arguments>` runs a module under that rule.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 1.0


def die_with_parent(sign: int = signal.SIGTERM) -> None:
    """Have the kernel send `sign` to this process when its parent dies (Linux; elsewhere nothing happens).

    May stand between fork and exec: it loads nothing.
    """
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)


def watch_parent(sign: int = signal.SIGTERM) -> None:
    """Have this process sent `sign` when its parent dies, on every system; also where it died just before."""
    parent = os.getppid()
    die_with_parent(sign)

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), sign)

    threading.Thread(target=look, name="parent", daemon=True).start()


_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

if __name__ == "__main__":
    watch_parent()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
