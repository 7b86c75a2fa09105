"""Signals to one calibrated probability per clause, with reasons and blind spots. Pure; standard library only."""
