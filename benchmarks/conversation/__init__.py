"""Measures what a booking costs, beside others: `python -m benchmarks.conversation --help`."""
