"""Everything that faces people or the model: channels, the turn, the guided flow, the CLI."""
