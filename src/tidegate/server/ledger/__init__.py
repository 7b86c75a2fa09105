"""The journal: append-only, hash-chained history of every step."""
