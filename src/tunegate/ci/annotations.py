"""Annotations of GitHub Actions: each gate that fell short, at its line of params.yaml.

A workflow command is a line of output; GitHub shows ten a type and step, so the tenth says how many more there are.
"""

import secrets
from collections.abc import Sequence

from tunegate.ci.report import Judged
from tunegate.core.params import line_of
from tunegate.core.settings import Params
from tunegate.judge.wording import fell_short
from tunegate.records.verdict import GateResult

MOST = 10
SECTIONS = {"superiority": "gains", "floor": "floors", "noninferiority": "forgetting"}


def annotations(judged: Sequence[Judged], params: Params, text: str, path: str) -> list[str]:
    """The commands; `text` is that of the settings in `path`. Errors, and warnings for what is waived."""
    found: dict[str, list[str]] = {"error": [], "warning": []}
    for one in judged:
        verdict = one.verdict if one.verdict.outcome is one.outcome or one.proposed is None else one.proposed
        for gate in fell_short(verdict):
            line = line_of(text, _place(one.key, gate, params))
            title = f"{one.key}: {gate.id} {gate.outcome}"
            kind = "warning" if gate.waived else "error"
            found[kind].append(command(kind, f"{title}: {gate.reason}", file=path, line=line, title=title))
    return [line for kind, lines in found.items() for line in _few(kind, lines)]


def command(kind: str, message: str, *, file: str, line: int, title: str) -> str:
    """One workflow command; nothing in its values can end it or begin another."""
    fields = {"file": file, "line": str(line), "title": title}
    written = ",".join(f"{name}={_value(value)}" for name, value in fields.items())
    return f"::{kind} {written}::{_data(message)}"


def silenced(text: str) -> str:
    """Output in which the runner of GitHub looks for no command: a secret word, made anew, opens and closes it."""
    word = secrets.token_hex(16)
    return f"::stop-commands::{word}\n{text}\n::{word}::\n"


def _few(kind: str, lines: list[str]) -> list[str]:
    if len(lines) <= MOST:
        return lines
    rest = f"{len(lines) - MOST + 1} more gates fell short: see the summary"
    return [*lines[: MOST - 1], f"::{kind}::{_data(rest)}"]


def _place(key: str, gate: GateResult, params: Params) -> tuple[int | str, ...]:
    """Where in the settings this gate stands: its own line, or that of its section."""
    section = SECTIONS.get(gate.kind, gate.kind)
    if (variant := params.variants.get(key)) is not None:
        return ("variants", key, "max_drop") if gate.id.startswith("variant/") else _place(variant.of, gate, params)
    declared = getattr(params.adapters[key].gate, section, None)
    metrics = [getattr(item, "metric", "") for item in declared] if isinstance(declared, tuple) else []
    at = (metrics.index(gate.metric),) if gate.metric in metrics else ()
    return ("adapters", key, "gate", section, *at)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
