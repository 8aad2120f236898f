"""How many tokens a text has, roughly.

No tokenizer is installed: the exact ones are large, change with the model, and need a download. The
rule counts 4 characters of ASCII or 2 of anything else as one token, which is meant to err upwards.
It is good for comparing two editions; what a turn really cost is stamped on it, as the provider
counted.
"""

from __future__ import annotations

ASCII_PER_TOKEN = 4
OTHERS_PER_TOKEN = 2
# Below that many tokens of unchanging text at the start, OpenAI caches nothing.
CACHED_FROM = 1024


def estimate(text: str) -> int:
    """Return about how many tokens a text has: characters / 4 in ASCII, / 2 beyond, rounded up."""
    plain = sum(char.isascii() for char in text)
    # In quarters of a token, so that the halves add up.
    quarters = plain * 4 // ASCII_PER_TOKEN + (len(text) - plain) * 4 // OTHERS_PER_TOKEN
    return -(-quarters // 4)
