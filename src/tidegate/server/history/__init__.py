"""What was found and decided about every upload, as it was stored."""
