"""Tags and filters of the console: text of strangers made safe, moments, icons, and who may do what."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tidegate.explain.clauses import probability_text
from tidegate.explain.evidence import EvidenceRow
from tidegate.explain.phrases import problem_text
from tidegate.explain.scale import Tick, probability_ticks
from tidegate.explain.timeline import STRETCH_PX
from tidegate.explain.view import ClauseCard
from tidegate.explain.visible import escaped, is_unsafe
from tidegate.server.accounts import access
from tidegate.server.console.icons import ICONS
from tidegate.server.console.wording import ago_text, clock_left, duration_text, size_text

register = template.Library()


@register.filter
def shown(value: object, limit: int = 0) -> str:
    """Text of strangers: nothing in it can reorder, hide or steer; cut to `limit` characters, 0 for none."""
    text = str(value)
    kept = text if not limit or len(text) <= limit else text[: limit - 1] + "…"
    if kept.isascii() and kept.isprintable():
        return kept
    return "".join(escaped(c) if c not in "\n\t" and is_unsafe(c) else c for c in kept)


@register.filter
def moment(at_s: float | None) -> str:
    """Unix seconds as `<time>` in UTC; a dash for none."""
    if at_s is None:
        return "–"
    at = datetime.fromtimestamp(at_s, UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        at.strftime("%d %b %H:%M:%S"),
    )


register.filter("ago", ago_text)
register.filter("seconds", duration_text)
register.filter("size", size_text)
register.filter("left", clock_left)


@register.filter
def words(value: object) -> str:
    """A coded name as words: `in_review` is `in review`."""
    return str(value).replace("_", " ").replace("-", " ")


@register.filter
def figure(value: float, form: str = ".2f") -> str:
    """A number in a format of Python's."""
    return format(value, form)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small picture beside words; it says nothing of its own."""
    return mark_safe(  # noqa: S308 - our own markup, no value of anybody's in it
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">'
        f"{ICONS[name]}</svg>"
    )


@register.simple_tag(takes_context=True)
def may(context: template.Context, method: str, route: str) -> bool:
    """Whether the access table lets the signed-in person do this: what a person may not do has no button."""
    return is_allowed(context.get("user"), method, route)


@register.simple_tag(takes_context=True)
def any_place(context: template.Context, *routes: str) -> bool:
    """Whether any of these pages is for the signed-in person."""
    return any(is_allowed(context.get("user"), "GET", route) for route in routes)


@register.simple_tag(takes_context=True)
def place(context: template.Context, route: str, icon_name: str, label: str) -> str:
    """One entry of the navigation, or nothing where the page is not for this person."""
    if not is_allowed(context.get("user"), "GET", route):
        return ""
    address = reverse(route)
    path = context["request"].path
    is_here = path == address or (address != "/" and path.startswith(address + "/"))
    return format_html(
        '<li><a href="{}"{}>{}{}</a></li>',
        address,
        mark_safe(' aria-current="page"') if is_here else "",
        icon(icon_name),
        label,
    )


@register.simple_tag
def known_url(route: str) -> str:
    """The address of a route, empty where this server has no such route."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def is_allowed(person: object, method: str, route: str) -> bool:
    """Whether the access table lets somebody use a route."""
    # Templates hold a lazy object that stands for the person.
    return bool(getattr(person, "is_authenticated", False)) and access.may(
        str(getattr(person, "role", "")), method, route
    )


@register.filter
def since(later_s: float, earlier_s: float) -> float:
    """Seconds between two moments."""
    return later_s - earlier_s


@register.filter
def stretch_top(row: int, top_px: int) -> int:
    """Where a row of stretches lies on its lane, in pixels from the top."""
    return row * STRETCH_PX + top_px


@register.filter
def findings(rows: Iterable[EvidenceRow]) -> list[EvidenceRow]:
    """Evidence that says something."""
    return [row for row in rows if not row.is_observation]


@register.filter
def observations(rows: Iterable[EvidenceRow]) -> list[EvidenceRow]:
    """Evidence that is harmless in itself."""
    return [row for row in rows if row.is_observation]


@register.filter
def asking(cards: Iterable[ClauseCard]) -> list[ClauseCard]:
    """Clauses that ask for something."""
    return [card for card in cards if not card.row.is_clear]


@register.filter
def clear(cards: Iterable[ClauseCard]) -> list[ClauseCard]:
    """Clauses from which nothing follows."""
    return [card for card in cards if card.row.is_clear]


@register.simple_tag
def probability_axis() -> tuple[Tick, ...]:
    """Labelled probabilities on the log-odds axis."""
    return probability_ticks()


register.filter("chance", probability_text)
register.filter("problem", problem_text)
