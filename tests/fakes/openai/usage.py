"""Token counts and the prompt cache, approximated: four bytes of JSON are one token."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

BYTES_PER_TOKEN = 4
#: OpenAI caches prefixes from 1,024 tokens on, in steps of 128.
CACHE_FROM_TOKENS = 1024
CACHE_STEP_TOKENS = 128


@dataclass(frozen=True)
class Usage:
    """Tokens of one answered request; `cached` and `written` are parts of `input`."""

    input: int
    cached: int
    written: int
    output: int

    def responses_shape(self) -> dict[str, object]:
        """`usage` as the Responses endpoint writes it."""
        return {
            "input_tokens": self.input,
            "input_tokens_details": {
                "cached_tokens": self.cached,
                "cache_write_tokens": self.written,
            },
            "output_tokens": self.output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self.input + self.output,
        }

    def chat_shape(self) -> dict[str, object]:
        """`usage` as the Chat Completions endpoint writes it."""
        return {
            "prompt_tokens": self.input,
            "prompt_tokens_details": {
                "cached_tokens": self.cached,
                "cache_write_tokens": self.written,
                "audio_tokens": 0,
            },
            "completion_tokens": self.output,
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
            "total_tokens": self.input + self.output,
        }


def prompt_bytes(parts: Sequence[object]) -> bytes:
    """Serialise what the model reads, static part first.

    One line a part and no closing bracket, so that a longer conversation begins with the exact
    bytes of the shorter one. Keys keep the order the client sent them in: a client that shuffles
    them loses its cache with the original too.
    """
    return b"".join(
        json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        for part in parts
    )


def tokens_of(text: bytes | str) -> int:
    """Approximate token count, at least 1 for anything that isn't empty."""
    size = len(text.encode() if isinstance(text, str) else text)
    return -(-size // BYTES_PER_TOKEN)


class PromptCache:
    """Remembers prompts per model and `prompt_cache_key`, and finds the longest shared prefix.

    Kept are the digests of all prefixes of whole steps, so that a run of thousands of requests
    costs neither the time nor the memory of comparing each with every other.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], set[bytes]] = {}

    def cached_tokens(self, model: str, key: str, prompt: bytes) -> int:
        """Cached tokens for a prompt, which is then remembered.

        Args:
            model: the request's model; caches aren't shared between models.
            key: the request's `prompt_cache_key`, or the empty string.
            prompt: as built by `prompt_bytes`.
        """
        seen = self._seen.setdefault((model, key), set())
        prefixes = list(self._prefixes(prompt))
        best = sum(1 for _ in takewhile(seen.__contains__, prefixes))
        seen.update(prefixes)
        tokens = best * CACHE_STEP_TOKENS
        return tokens if tokens >= CACHE_FROM_TOKENS else 0

    @staticmethod
    def _prefixes(prompt: bytes) -> Iterator[bytes]:
        """Yield the digest of the first step, of the first two steps, and so on."""
        step = CACHE_STEP_TOKENS * BYTES_PER_TOKEN
        digest = hashlib.blake2b(digest_size=16)
        for start in range(0, len(prompt) - step + 1, step):
            digest.update(prompt[start : start + step])
            yield digest.digest()


def written_tokens(input_tokens: int, cached: int) -> int:
    """Tokens newly written to the cache: whole steps behind the cached prefix."""
    if input_tokens < CACHE_FROM_TOKENS:
        return 0
    return input_tokens // CACHE_STEP_TOKENS * CACHE_STEP_TOKENS - cached
