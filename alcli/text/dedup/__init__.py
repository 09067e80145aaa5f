"""Near-duplicates: MinHash signatures in bands."""
