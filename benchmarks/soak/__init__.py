"""Lets 500 chats write for ten minutes: `python -m benchmarks.soak --help`."""
