"""For tests of Tidegate and of its plugins: synthetic clips with known truth, hostile files, conformance, fakes.

Everything here is made by code and is harmless: shapes, letters, tones and noise.
"""
