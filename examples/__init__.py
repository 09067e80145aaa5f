"""Examples: scripts run with `python -m examples.NAME.SCRIPT` from the repository."""
