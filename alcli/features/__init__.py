"""Features of texts: vocabularies, TF-IDF, vectors, topics."""
