"""What the platform costs (测量): `python -m tests.bench`, called by `make bench`; pytest collects nothing here."""

from pathlib import Path

MATTERS = Path(__file__).parent / "matters"


def with_bench_matter() -> None:
    """Have the registry find the bench's matter beside the real ones, in this process only."""
    import flows.matters

    if str(MATTERS) not in flows.matters.__path__:
        flows.matters.__path__.append(str(MATTERS))
