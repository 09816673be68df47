"""The policy of the base branch, and what a pull request changes of the way it is judged."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tunegate.ci.watched import watched
from tunegate.core.errors import MachineError, SettingsError, UsageError
from tunegate.core.git import file_at, git
from tunegate.core.params import parse_params
from tunegate.core.settings import Gate, Params

DATA = "datasets.dvc"


class Change(NamedTuple):
    """What is different against the base branch: `ref` is its commit, `files` are watched ones that changed; `policies`
    are its gate sections by adapter; `gone` are adapters that the pull request takes out; `measured` are the sections
    of params.yaml, and data, that say what is measured, and by what, where they changed.
    """

    ref: str
    files: tuple[str, ...]
    policies: dict[str, Gate]
    gone: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()

    def policy(self, key: str, proposed: Gate) -> Gate:
        """What `key` is judged by: the base branch's policy, or the proposed one where the adapter is new."""
        return self.policies.get(key, proposed)


def change_since(root: Path, ref: str, params: Params, path: Path) -> Change:
    """Read the policy that `ref` has in `path`, and what changed since.

    Raises:
        UsageError: there is no such commit here.
        SettingsError: the base branch's settings cannot be read by this code: nothing is judged by another policy.
    """
    commit = _commit(root, ref)
    text = file_at(root, commit, path.as_posix())
    before = None if text is None else _parsed(text, f"{path} of {commit[:7]}")
    listed = git(root, "diff", "--name-only", "--no-renames", "-z", f"{commit}...HEAD").split("\0")
    changed = [name for name in listed if name]
    policies = {key: adapter.gate for key, adapter in before.releases.items()} if before else {}
    gone = tuple(sorted(set(policies) - set(params.releases)))
    measured = (*_measured(before, params, changed), *_lost_looks(root, commit, policies, changed))
    return Change(commit, watched(changed), policies, gone, measured)


def _measured(before: Params | None, after: Params, changed: list[str]) -> tuple[str, ...]:
    """Sections that decide what is measured: a general task that is taken out is one that nobody can fail."""
    if before is None:
        return ()
    found = [name for name in ("base", "general") if getattr(before, name) != getattr(after, name)]
    for key in sorted(set(before.adapters) & set(after.adapters)):
        old, new = before.adapters[key], after.adapters[key]
        parts = (("baseline", old.baseline != new.baseline), ("evaluate", old.evaluate != new.evaluate))
        found += [f"adapters.{key}.{name}" for name, differs in parts if differs]
    return (*found, *(name for name in changed if name == DATA))


def _lost_looks(root: Path, commit: str, keys: Iterable[str], changed: list[str]) -> Iterator[str]:
    """Ledgers that lack a look of the base branch's: fewer looks, an easier level."""
    for name in (f"scores/{key}/looks.jsonl" for key in sorted(keys)):
        if name in changed:
            before, after = (set((text or "").splitlines()) for text in (file_at(root, commit, name), _now(root, name)))
            if lost := len(before - after):
                yield f"{name} (lost {lost} of {len(before)} looks)"


def _now(root: Path, name: str) -> str:
    path = root / name
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _commit(root: Path, ref: str) -> str:
    try:
        return git(root, "rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    except MachineError:
        step = "fetch the base branch; in a workflow: actions/checkout with fetch-depth: 0"
        raise UsageError(f"--policy-from: no commit {ref!r} in this repository", next_step=step) from None


def _parsed(text: str, name: str) -> Params:
    try:
        return parse_params(text, name)
    except SettingsError as fault:
        raise SettingsError(
            f"the base branch's policy cannot be read by the code of this pull request: {fault.message}",
            next_step="repair params.yaml on the base branch, or keep this code able to read it",
        ) from None
