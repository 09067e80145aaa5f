"""Scoring: class probabilities and signals for the records of a pool."""
