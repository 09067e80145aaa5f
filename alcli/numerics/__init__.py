"""Numerical measures and algorithms on NumPy arrays."""
