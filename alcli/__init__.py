"""Active learning for text: `import alcli` in notebooks, `alcli` in the shell."""
