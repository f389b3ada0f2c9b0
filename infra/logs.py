"""How processes write their logs (日志): one line per entry to standard error; `lianban run` rotates the files."""

from __future__ import annotations

import logging
import sys

QUIET = ("httpx", "httpcore", "alembic", "websockets", "asyncio")


def write_logs(level: str = "INFO") -> None:
    """Have our own log lines written to standard error, and the chatter of libraries only when it warns."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for room in ("forms", "infra", "flows", "api"):
        logger = logging.getLogger(room)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
