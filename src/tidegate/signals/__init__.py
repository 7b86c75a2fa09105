"""Views in, signals with evidence out: one detector family per file or folder."""
