"""Records, files, steps and errors; nothing here depends on machine learning."""
