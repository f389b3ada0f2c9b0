"""`python -m tests.bench.launch api|worker …`: `lianban` with the bench's matter beside the real ones."""

from tests.bench import with_bench_matter

if __name__ == "__main__":
    with_bench_matter()
    from api.cli import main

    main()
