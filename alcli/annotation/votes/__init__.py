"""From a ledger of votes to labelled records: read, count, write."""
