"""The engine room (引擎): Prefect's server, the worker that runs passes in its own process, the nudge that wakes it."""
