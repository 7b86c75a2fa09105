"""Master keys: kept in the home folder or given as text, rotated and retired; they wrap data keys and seal secrets."""
