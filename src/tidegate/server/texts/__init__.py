"""Scoring of texts: comments, bios, titles and messages, in our own shape and in two that other clients speak."""
