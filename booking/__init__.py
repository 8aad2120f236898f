"""The pure domain of booking: local time, opening rules, policy, the slot engine, refusals.

Nothing here reads a clock, a file or a database: `now` is always an argument, and the same function
that lists the free times also approves a booking.
"""
