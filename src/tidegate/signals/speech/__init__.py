"""Speech: what is said and sung in a clip, as words with times."""
