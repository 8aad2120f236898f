"""Conversations as data: playing them with a model, and what came of it for a set of prompts."""
