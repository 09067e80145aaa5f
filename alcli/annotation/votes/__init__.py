"""Votes: reader of a ledger, merged labels, reports on annotators."""
