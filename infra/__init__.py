"""What it stands on (立在什么上): settings, clock, tables, every query, PostgreSQL, Prefect's server, demo data."""
