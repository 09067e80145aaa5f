"""Code shared by the examples: provenance of records, curves, tables of a README."""
