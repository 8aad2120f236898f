"""The port to a language model and its two OpenAI adapters."""
