"""Judgements to a decision under a readable, checked document. Pure: the time and the seed are arguments."""
