"""Writes docs/reference/ from the code: `python scripts/reference.py`. A test fails while the two differ.

Everything in those pages comes from the tables and docstrings that the program itself runs on; nothing of them is
edited by hand.
"""

import dataclasses
import inspect
import re
import sys
import textwrap
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import click

if typing.TYPE_CHECKING:
    from tidegate.errors import TidegateError

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
WIDTH = 100


def main() -> int:
    """Write every page; print which changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stderr.write(f"wrote {path.relative_to(ROOT)}\n")
    return 0


def pages() -> dict[str, str]:
    """Every page of the reference by file name."""
    makers: Mapping[str, Callable[[], Iterator[str]]] = {
        "errors.md": errors_page,
        "settings.md": settings_page,
        "cli.md": cli_page,
        "detectors.md": detectors_page,
        "labels.md": labels_page,
        "records.md": records_page,
        "policy.md": policy_page,
    }
    return {name: "\n".join(maker()).rstrip() + "\n" for name, maker in makers.items()}


def _title(title: str, *lead: str) -> list[str]:
    return [f"# {title}", "", "<!-- written by scripts/reference.py from the code: do not edit -->", "", *lead, ""]


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    heads = list(columns)
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"
    yield ""


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _doc(thing: object) -> str:
    """The docstring as plain paragraphs; what a page says about a thing."""
    return inspect.cleandoc(thing.__doc__ or "")


def _sentence(thing: object) -> str:
    return " ".join(_doc(thing).partition("\n\n")[0].split())


# --- errors -----------------------------------------------------------------------------------------------------------


def error_classes() -> "list[type[TidegateError]]":
    """Every error class of Tidegate, in the order of their codes."""
    from tidegate import errors

    def tree(cls: type[errors.TidegateError]) -> Iterator[type[errors.TidegateError]]:
        yield cls
        for child in cls.__subclasses__():
            yield from tree(child)

    found = {cls for cls in tree(errors.TidegateError) if cls.__module__.startswith("tidegate.")}
    return sorted(found, key=lambda cls: cls.code)


def errors_page() -> Iterator[str]:
    """Error codes, and the codes of policy findings."""
    from tidegate.policy.diagnostics import CODES

    yield from _title(
        "Errors",
        "Every error says what is wrong, where, and what to do next, under a code that never changes its meaning.",
        "`exit` is the exit code of the command line when the error ends a run.",
    )
    rows = [(f"`{cls.code}`", cls.__name__, cls.exit_code, _sentence(cls)) for cls in error_classes()]
    yield from _table(("code", "class", "exit", "meaning"), rows)
    yield "## Findings in a policy document"
    yield ""
    yield "`tidegate policy check` shows each with its line and a caret; any of them but a warning is a `PolicyError`."
    yield ""
    yield from _table(("code", "meaning"), ((f"`{code}`", meaning) for code, meaning in CODES.items()))


# --- settings ---------------------------------------------------------------------------------------------------------


def settings_page() -> Iterator[str]:
    """Every setting with its type, default, variable and meaning."""
    from tidegate import settings

    yield from _title(
        "Settings",
        "A value comes from the first of these that has one: `--set NAME=VALUE` on the command line, the environment",
        f"variable, the file `{settings.CONFIG_NAME}` in the current folder (or the file that `{settings.CONFIG_ENV}`",
        "names), the default. `tidegate config` prints each value and where it came from.",
    )
    rows = [(f"`{row.name}`", row.type.value, _default(row.default), f"`{row.env}`", row.doc) for row in settings.TABLE]
    yield from _table(("name", "type", "default", "variable", "meaning"), rows)
    yield "## Further variables"
    yield ""
    further = {
        settings.CONFIG_ENV: f"the settings file, instead of `{settings.CONFIG_NAME}` in the current folder",
        "TIDEGATE_TRACEBACK": "print the stack of calls of an internal error",
        "TIDEGATE_ENGINE_MARK": "set by an engine in the processes that it starts; never set it yourself",
    }
    yield from _table(("variable", "meaning"), ((f"`{name}`", text) for name, text in further.items()))


def _default(value: object) -> str:
    if value is None or value == ():
        return "none"
    return f"`{value:,}`".replace(",", " ") if isinstance(value, int) and value >= 10_000 else f"`{value}`"


# --- command line -----------------------------------------------------------------------------------------------------


def commands(
    command: click.Command, name: str = "tidegate", parent: click.Context | None = None
) -> Iterator[tuple[str, click.Context]]:
    """Every command with its full name and a context in which its help can be printed, outermost first."""
    settings = {"max_content_width": WIDTH, "terminal_width": WIDTH, **command.context_settings}
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent, **settings)
    yield name, context
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from commands(found, f"{name} {child}", context)


def cli_page() -> Iterator[str]:
    """The help of every command, and the exit codes."""
    from tidegate.cli import main as module

    yield from _title(
        "Command line",
        "stdout carries the result, stderr the narration. Colour and progress appear on a terminal only.",
        "",
        _sentence(module.main).partition(". ")[2],
    )
    for name, context in commands(module.tidegate):
        yield f"## {name}"
        yield ""
        yield "```text"
        yield re.sub(r"[ \t]+$", "", context.command.get_help(context), flags=re.MULTILINE)
        yield "```"
        yield ""


# --- detectors and labels ---------------------------------------------------------------------------------------------


def detectors_page() -> Iterator[str]:
    """Every built-in detector with its facts, and the cards of the models."""
    from tidegate.signals.cards import cards
    from tidegate.signals.registry import built_in

    yield from _title(
        "Detectors",
        "In running order. A dear detector runs only when its condition holds; what did not run is said in the result.",
        "`tidegate detectors` shows the same with what is installed here.",
    )
    for detector in built_in():
        yield f"## {detector.id}"
        yield ""
        yield _doc(type(detector))
        yield ""
        requires = [f"`{one.package}` (extra `{one.extra}`)" for one in detector.requires]
        cost = detector.resources
        yield from _table(
            ("fact", "value"),
            [
                ("needs", ", ".join(sorted(need.value for need in detector.needs))),
                ("emits", ", ".join(f"`{label}`" for label in sorted(detector.emits))),
                ("tier", cost.tier.value),
                ("cost", f"{cost.cpu_s_per_item:g} CPU-s an item, {cost.memory_mib:g} MiB"),
                ("requires", ", ".join(requires) or "nothing beyond the core"),
                ("runs when", detector.when or "always"),
            ],
        )
    yield "# Model cards"
    yield ""
    for card in cards().values():
        yield from _card(card)


def _card(card: typing.Any) -> Iterator[str]:
    yield f"## {card.name}"
    yield ""
    rows = [
        ("task", card.task),
        ("package", f"`{card.package}=={card.version}`, {card.size_bytes / 1e6:.1f} MB"),
        ("sha256", f"`{card.sha256}`"),
        ("licence", f"code {card.code_licence}; weights {card.weights_licence}"),
        ("source", card.source),
        ("trained on", card.trained_on),
        ("used by", ", ".join(f"`{name}`" for name in card.used_by)),
    ]
    yield from _table(("fact", "value"), rows)
    yield "Known limits:"
    yield ""
    yield from (f"- {limit}" for limit in card.known_limits)
    yield ""


def labels_page() -> Iterator[str]:
    """Every label: meaning, who emits it, and which clauses of the default policy it speaks to."""
    from tidegate.policy.bundled import community
    from tidegate.signals.labels import LABELS
    from tidegate.signals.registry import built_in

    yield from _title(
        "Labels",
        "What signals may say. The last column names the clauses of the default policy that a label speaks to, with",
        "its share.",
    )
    emitters: dict[str, list[str]] = {label: [] for label in LABELS}
    for detector in built_in():
        for label in detector.emits:
            emitters[label].append(f"`{detector.id}`")
    clauses: dict[str, list[str]] = {label: [] for label in LABELS}
    for clause in community().clauses:
        for label, share in clause.labels.items():
            clauses[label].append(f"{clause.id} {share:g}")
    rows = [
        (f"`{label}`", LABELS[label], ", ".join(emitters[label]) or "nobody yet", ", ".join(clauses[label]) or "none")
        for label in LABELS
    ]
    yield from _table(("label", "meaning", "emitted by", "speaks to"), rows)


# --- records ----------------------------------------------------------------------------------------------------------


def records_page() -> Iterator[str]:
    """Every record with its fields, and every word list."""
    from enum import StrEnum

    from tidegate import records

    yield from _title(
        "Records",
        "The vocabulary that travels between stages: frozen, keyword-only, standard library only.",
        "`tidegate.records.dumps` and `loads` turn each into one line of JSON and back, under schema version",
        f"{records.SCHEMA_VERSION}.",
    )
    for name in records.__all__:
        thing = getattr(records, name)
        if dataclasses.is_dataclass(thing):
            yield from _record(name, thing)
        elif isinstance(thing, type) and issubclass(thing, StrEnum):
            yield f"## {name}"
            yield ""
            yield f"{_doc(thing)} One of {', '.join(f'`{word.value}`' for word in thing)}."
            yield ""


def _record(name: str, cls: typing.Any) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield _doc(cls)
    yield ""
    hints = typing.get_type_hints(cls)
    rows = [(f"`{f.name}`", f"`{_type(hints[f.name])}`", _field_default(f)) for f in dataclasses.fields(cls)]
    yield from _table(("field", "type", "default"), rows)


def _type(hint: object) -> str:
    plain = hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
    return re.sub(r"\b[a-z_]+(\.[a-z_]+)*\.([A-Z])", r"\2", plain)


def _field_default(field: dataclasses.Field[typing.Any]) -> str:
    if field.default is not dataclasses.MISSING:
        if dataclasses.is_dataclass(field.default):
            return f"`{type(field.default).__name__}()`"
        is_word = isinstance(field.default, str) and field.default
        return f"`{field.default}`" if is_word else f"`{field.default!r}`"
    return "empty" if field.default_factory is not dataclasses.MISSING else "required"


# --- policy -----------------------------------------------------------------------------------------------------------


def policy_page() -> Iterator[str]:
    """The default policy clause by clause, and the names that conditions may use."""
    from tidegate.policy import show
    from tidegate.policy.bundled import community
    from tidegate.policy.variables import VARIABLES

    policy = community()
    yield from _title(
        "Default policy and conditions",
        f"{policy.title}, version {policy.version}. The document itself is `policies/community.yaml`;",
        "`tidegate policy show` prints it in full.",
    )
    yield from _table(show.OVERVIEW, show.overview(policy))
    yield "## Names in conditions"
    yield ""
    lead = """Conditions (`when`) are CEL expressions that give true or false. A name that has no value for an upload
        makes the condition impossible to tell, and the case goes to a person; guard it with
        `'context.prior_violations' in known && ...`."""
    yield from textwrap.wrap(" ".join(lead.split()), 120)
    yield ""
    yield from _table(
        ("name", "type", "meaning"), ((f"`{name}`", one.type, one.meaning) for name, one in VARIABLES.items())
    )


if __name__ == "__main__":
    sys.exit(main())
