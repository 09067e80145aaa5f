"""Text: languages, normalisation, duplicates."""
