"""Detectors of words: captions, hashtags, sound titles, and later speech and on-screen text."""
