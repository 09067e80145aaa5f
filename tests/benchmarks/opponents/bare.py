"""The floor of every start: an interpreter that does nothing."""
