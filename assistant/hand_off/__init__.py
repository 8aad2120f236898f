"""Chats that a person of the business has: how it begins, what is passed on, how it ends."""
