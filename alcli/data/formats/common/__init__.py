"""What other tools' files have in common: they are read and written piece by piece."""
