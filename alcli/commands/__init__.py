"""The verbs: a file is a command, a plain function in it does the work."""
