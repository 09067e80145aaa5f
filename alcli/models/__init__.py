"""Models: architectures, families, networks, training, checkpoints."""
