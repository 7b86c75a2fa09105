"""Prechecks: what would be decided about a video before it is posted. Nothing of it is kept."""
