"""Matching against known media: the bytes of a file and the look of its frames, against banks kept in local files."""
