"""Comparison of simulated loops: areas, savings, significance, caveats."""
