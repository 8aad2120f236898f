"""What claims sound like, per language: data for `assistant.turn.claims`."""
