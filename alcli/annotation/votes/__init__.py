"""Votes: reading a ledger, aggregation, labelled records."""
