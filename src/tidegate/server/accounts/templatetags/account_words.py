"""How secrets that people copy by hand are written, and how the fields they are typed into ask for them."""

from django import template
from django.forms import BoundField

register = template.Library()


@register.filter
def in_fours(text: str) -> str:
    """A secret in groups of four; whoever reads it back may leave the blanks in."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@register.filter
def as_asked(field: BoundField) -> BoundField:
    """A field that repeats its label nowhere; codes come with a keyboard of digits, and at once."""
    attrs = field.field.widget.attrs
    attrs.pop("placeholder", None)
    if attrs.get("autocomplete") == "one-time-code":
        attrs |= {"inputmode": "numeric", "autofocus": True}
    return field
