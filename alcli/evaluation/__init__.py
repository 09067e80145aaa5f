"""Evaluation: metrics, learning curves, stopping criteria, comparisons."""
