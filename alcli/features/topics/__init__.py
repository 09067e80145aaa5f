"""Topics and clusters: inputs, fit, saved files, assignment."""
