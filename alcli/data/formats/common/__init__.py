"""Streaming readers and writers shared by the formats."""
