"""Measured claims: each folder measures one part of the product against its thresholds."""
