"""Read `params.yaml`: every fault at once, each with its line."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tunegate.core.errors import SettingsError
from tunegate.core.settings import KEY_PATTERN, Adapter, Params

NEXT_STEP = "correct the lines named above; docs/reference/params.md says what each key means"


def load_params(path: Path) -> Params:
    """Read and check the whole of `params.yaml`.

    Raises:
        SettingsError: the file is missing, not YAML, or has faults; the message lists all with their lines.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise SettingsError(f"{path}: no such file", next_step="run this in the root of the repository") from None
    except UnicodeDecodeError as fault:
        raise SettingsError(f"{path}: not UTF-8: {fault}", next_step="save the file as UTF-8") from None
    return parse_params(text, str(path))


def parse_params(text: str, path: str) -> Params:
    """Check the text of a `params.yaml`; `path` is what messages call it.

    Raises:
        SettingsError: it is not YAML, or has faults; the message lists all with their lines.
    """
    try:
        content, node = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
        faults = set(_duplicates(node, ()))  # endless for a YAML alias that holds itself
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise SettingsError(f"{path}: not valid YAML: {fault}", next_step=NEXT_STEP) from None
    params: Params | None = None
    try:
        params = Params.model_validate(content)
    except ValidationError as error:
        faults |= {(_line(node, _clean(fault["loc"])), _say(fault)) for fault in error.errors()}
    if faults or params is None:
        lines = "\n".join(f"  {path}:{line}: {what}" for line, what in sorted(faults))
        raise SettingsError(f"{path} has {len(faults)} fault(s):\n{lines}", next_step=NEXT_STEP)
    return params


def line_of(text: str, loc: tuple[int | str, ...]) -> int:
    """The line (from 1) of `loc` in the text of a valid `params.yaml`, or of the deepest part of it that is there."""
    return _line(yaml.compose(text, Loader=yaml.SafeLoader), loc)


def adapter_of(params: Params, key: str) -> Adapter:
    """The settings of adapter (or variant) `key`.

    Raises:
        SettingsError: there is no such adapter; the message names those there are.
    """
    if (found := params.releases.get(key)) is None:
        known = ", ".join(sorted(params.releases))
        raise SettingsError(f"params.yaml: no adapter '{key}'; there are: {known}", next_step="name one of them")
    return found


def _clean(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    return tuple(part for part in loc if part != "[key]")


def _say(fault: Any) -> str:
    loc = ".".join(str(part) for part in _clean(fault["loc"])) or "(file)"
    if fault["type"] == "extra_forbidden":
        return f"{loc}: unknown key"
    if fault["type"] == "missing":
        return f"{loc}: missing"
    if fault["loc"][-1:] == ("[key]",):
        return f"{loc}: an adapter's key must match {KEY_PATTERN} (it becomes a tag and a folder)"
    said = fault["msg"].removeprefix("Value error, ")
    return (
        f"{loc}: {said}, got {fault['input']!r:.80}" if fault["loc"] else said
    )  # of the whole file: it names the keys


def _line(node: yaml.Node | None, loc: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest part of `loc` that stands in the file."""
    line = node.start_mark.line + 1 if node else 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if str(k.value) == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _duplicates(node: yaml.Node | None, loc: tuple[str, ...]) -> list[tuple[int, str]]:
    """Keys that stand twice in one mapping: YAML would silently keep the last."""
    faults: list[tuple[int, str]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = ".".join((*loc, str(key.value)))
            if str(key.value) in seen:
                faults.append((key.start_mark.line + 1, f"{name}: stands twice"))
            seen.add(str(key.value))
            faults += _duplicates(value, (*loc, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            faults += _duplicates(value, (*loc, str(index)))
    return faults
