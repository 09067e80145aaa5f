"""Selection of a batch from scored records: readers, selectors, allocation."""
