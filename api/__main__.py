"""`python -m api` is the same as `lianban`."""

from api.cli import main

main()
