"""Hostile bytes in, bounded views out: probe, decode in a child process, shots, renditions. Decoders live only here."""
