"""The lanes that the server hands to an engine."""
