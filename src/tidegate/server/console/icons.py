"""The console's icons: paths in a box of 16 by 16, drawn in the colour of the words beside them."""

from types import MappingProxyType

_LINE = 'fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"'


def _line(path: str) -> str:
    return f'<path d="{path}" {_LINE}/>'


ICONS = MappingProxyType(
    {
        "flow": _line("M1.5 9.500h2.700l2-6 3.2 9.5 2-5.500h3.1"),
        "uploads": _line("M2 3.500h12v9H2zM6.5 6v4l3.5-2z"),
        "cases": _line("M8 14.500a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM8 4.500V8l2.5 1.5"),
        "keys": _line(
            "M10.5 9a3.5 3.5 0 1 0-3.2-2.100L2 12.200V14h2.300v-1.700H6v-1.700l1.6-1.700c.8.7 1.8 1.1 2.9 1.100z"
        ),
        "webhooks": _line(
            "M8 5.2 5.2 10M8 5.200a2 2 0 1 0-1.7-1M5.2 10a2 2 0 1 0 .9 1.700h4.200M8 5.200l2.7 4.700a2 2 0 1 1-.5 2.4"
        ),
        "people": _line(
            "M6 7.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.500c0-2.4 1.9-4 4.5-4s4.5 1.6 4.5 4"
            "M11 3a2.3 2.3 0 0 1 0 4.300M12 9.700c1.6.5 2.5 1.9 2.5 3.8"
        ),
        "theme": _line("M8 14.500a6.5 6.5 0 1 0 0-13zM8 1.500v13"),
        "shield": _line("M8 1.5 13.5 3.500v4c0 3.5-2.3 5.8-5.5 7-3.2-1.2-5.5-3.5-5.5-7v-4z"),
        "leave": _line("M6 2.500H2.500v11H6M10 5l3.5 3L10 11M13 8H6"),
        "menu": _line("M2 4.500h12M2 8h12M2 11.500h12"),
        "warning": _line("M8 2 15 14H1zM8 6.500v3.500M8 12v.1"),
        "download": _line("M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.500h11"),
        "play": '<path d="M4 2.500v11l9-5.500z" fill="currentColor"/>',
        "eye": _line("M1 8s2.5-4.5 7-4.500S15 8 15 8s-2.5 4.5-7 4.500S1 8 1 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"),
        "copy": _line("M5.5 5.500h8v8h-8zM3 10.500H2.500v-8h8V3"),
        "next": _line("M6 3.5 10.5 8 6 12.5"),
        "filter": _line("M2 3h12l-4.7 5.500V13l-2.6-1.500v-3z"),
    }
)
"""Name -> the markup inside its `<svg>`."""
