"""Seconds, sizes and moments in a few words."""

import time


def duration_text(length_s: float | None) -> str:
    """`340 ms`, `7.2 s`, `3 min 20 s`, `5 h 12 min`, `3 d 4 h`; a dash for none."""
    if length_s is None:
        return "–"
    if length_s < 0:
        return f"\N{MINUS SIGN}{duration_text(-length_s)}"
    if length_s < 0.9995:
        return f"{1000 * length_s:.0f} ms"
    if length_s < 59.95:
        return f"{length_s:.1f} s"
    total = round(length_s)
    for unit_s, unit, small_s, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if total >= unit_s:
            rest = total % unit_s // small_s
            return f"{total // unit_s} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{total} s"


def ago_text(at_s: float | None) -> str:
    """`12 s ago`, `in 3 min`; a dash for none."""
    if at_s is None:
        return "–"
    away_s = time.time() - at_s
    words = _coarse(abs(away_s))
    return f"{words} ago" if away_s >= 0 else f"in {words}"


def _coarse(length_s: float) -> str:
    for unit_s, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if length_s >= unit_s:
            return f"{length_s / unit_s:.0f} {unit}"
    return f"{length_s:.0f} s"


def clock_left(until_s: float | None) -> str:
    """`0:27` that are left until a moment; `0:00` when it has passed."""
    left_s = max(0, round((until_s or 0.0) - time.time()))
    return f"{left_s // 60}:{left_s % 60:02d}"


def size_text(size_bytes: float | None) -> str:
    """`12.1 MB`; a dash for none."""
    if size_bytes is None:
        return "–"
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"
