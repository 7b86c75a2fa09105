"""Words on the picture: found, read, followed over time, and codes decoded."""
