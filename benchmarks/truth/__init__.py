"""Measures the check of what the model says: lies that pass, and honest texts that are stopped."""
