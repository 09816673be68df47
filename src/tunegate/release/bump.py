"""The next version, and in one line why: by what changed against the newest release's facts, or as a person says."""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from tunegate.core.errors import SettingsError
from tunegate.records.manifest import Manifest, identity_facts
from tunegate.records.released import Released

FIRST = "1.0.0"
VARIABLE = "TUNEGATE_BUMP"
SAID = re.compile(r"^(major|minor|patch):\s*(\S.{9,})$")
# Facts of the tag and what a change of them is called, gravest first. A fact that an older tag lacks says nothing.
MAJOR = (("base-digest", "the base model"), ("template", "the chat template"), ("schema", "the answer schema"))
MINOR = (("data", "the data"), ("adapter", "the trained weights"))


class Bump(NamedTuple):
    """A version, and why it is that one."""

    version: str
    why: str


def next_version(newest: Released | None, manifest: Manifest, said: str = "") -> Bump:
    """Major if base, template or answer schema changed; minor if data or weights did; else patch.

    `said` is what a person asks for instead (see `asked`).
    """
    if newest is None:
        return Bump(FIRST, "the first release")
    now = identity_facts(manifest)
    for part, facts in (("major", MAJOR), ("minor", MINOR)):
        if changed := [words for name, words in facts if _differs(newest.facts.get(name), now[name])]:
            return _bump(newest, part, f"changed since {newest.version}: {', '.join(changed)}", said)
    return _bump(newest, "patch", f"only packaging changed since {newest.version}", said)


def asked(environment: Mapping[str, str] = os.environ) -> str:
    """What TUNEGATE_BUMP asks for, as `part: reason` in one line; empty if nothing.

    Raises:
        SettingsError: it is not of that form.
    """
    found = " ".join(environment.get(VARIABLE, "").split())
    if found and not SAID.match(found):
        raise SettingsError(
            f"{VARIABLE} should be 'major|minor|patch: the reason, ten characters at least', got {found!r:.80}",
            next_step=f'{VARIABLE}="major: answers carry another meaning now" dvc repro release@KEY',
        )
    return found


def _differs(before: str | None, now: str) -> bool:
    return before is not None and before != now


def _bump(newest: Released, part: str, why: str, said: str) -> Bump:
    if match := SAID.match(said):
        part, why = match[1], f"{match[1]} as said: {match[2]} ({why})"
    major, minor, patch = newest.order
    number = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}[part]
    return Bump(".".join(map(str, number)), why if match else f"{part}: {why}")
