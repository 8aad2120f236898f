"""What tools are made of: the contract, the context, the registry, and what several tools share."""
