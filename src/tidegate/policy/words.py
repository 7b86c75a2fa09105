"""Numbers in the words of a trace and of a printed policy."""


def number(share: float) -> str:
    """A probability or share as a person reads it: never 0 or 1 unless it is exactly that, never an exponent."""
    if share in (0.0, 1.0):
        return f"{share:g}"
    if share < 0.0001:
        return "under 0.0001"
    if share > 0.9999:
        return "over 0.9999"
    return f"{share:.2g}" if share < 0.9 else f"{share:.4g}"


def one_in(share: float) -> str:
    """A share as `1 in N`, or in per cent where it is more than a fifth."""
    return f"{share * 100:g}%" if share > 0.2 else f"1 in {round(1.0 / share)}"
