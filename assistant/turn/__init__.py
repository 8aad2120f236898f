"""The turn: one message of a customer answered by the model and its tools, truthfully."""
