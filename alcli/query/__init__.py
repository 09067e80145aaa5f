"""Query strategies: scoring a pool, signals, selection."""
