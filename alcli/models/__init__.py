"""Models: architectures, families, training, checkpoints."""
