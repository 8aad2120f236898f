"""Stand-ins for the outside world, served on loopback and as strict as the originals."""
