"""Tidegate screens short video before anyone sees it, and says why."""

__version__ = "0.1.0"
