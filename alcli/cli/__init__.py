"""The command line: options, messages, exit statuses, signals."""
