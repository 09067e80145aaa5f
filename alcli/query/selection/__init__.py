"""From scored records to a batch: read what is needed, keep the best, share out."""
