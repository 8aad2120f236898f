"""Measures the booking engine on real PostgreSQL: `python -m benchmarks.booking --help`."""
