"""Distances between many vectors in little memory: in tiles, never all with all."""
