"""Near-duplicate texts, by MinHash and locality-sensitive hashing."""
