"""Data in and out: sources, the crawler, file formats, splits."""
