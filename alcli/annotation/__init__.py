"""Annotation: labelers, the queue of tasks, votes, and their aggregation."""
