"""Persian, by hazm: letters, spacing, morphology, word lists."""
