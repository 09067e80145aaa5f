"""The page on which people label: its files, the server, and who is let in."""
