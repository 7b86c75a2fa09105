"""Uploads as they are held: accepted, claimed, finished; and how their bytes come in."""
