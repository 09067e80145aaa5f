"""Records, files, steps and errors: all that knows nothing of machine learning."""
