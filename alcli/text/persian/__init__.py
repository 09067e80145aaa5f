"""Persian: letters, spacing, morphology, word lists; the only door to hazm."""
