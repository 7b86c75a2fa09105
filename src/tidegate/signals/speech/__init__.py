"""Speech: what is said in a clip, as words with times."""
