"""Work for people: cases, and what people decide."""
