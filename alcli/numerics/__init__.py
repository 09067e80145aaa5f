"""Measures: of predictions, of probabilities, of how sure a model is."""
