"""What the console's templates may call."""
