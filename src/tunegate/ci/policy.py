"""The policy of the base branch, and what a pull request changes of the way it is judged."""

from pathlib import Path
from typing import NamedTuple

from tunegate.ci.watched import watched
from tunegate.core.errors import MachineError, SettingsError, UsageError
from tunegate.core.git import file_at, git
from tunegate.core.params import parse_params
from tunegate.core.settings import Gate, Params


class Change(NamedTuple):
    """What is different against the base branch: `ref` is its commit, `files` are watched ones that changed; `policies`
    are its gate sections by adapter; `gone` are adapters that the pull request takes out.
    """

    ref: str
    files: tuple[str, ...]
    policies: dict[str, Gate]
    gone: tuple[str, ...] = ()

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
    policies = {} if text is None else _policies(text, f"{path} of {commit[:7]}")
    changed = git(root, "diff", "--name-only", "--no-renames", "-z", f"{commit}...HEAD").split("\0")
    gone = tuple(sorted(set(policies) - set(params.adapters)))
    return Change(commit, watched([name for name in changed if name]), policies, gone)


def _commit(root: Path, ref: str) -> str:
    try:
        return git(root, "rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    except MachineError:
        step = "fetch the base branch; in a workflow: actions/checkout with fetch-depth: 0"
        raise UsageError(f"--policy-from: no commit {ref!r} in this repository", next_step=step) from None


def _policies(text: str, name: str) -> dict[str, Gate]:
    try:
        return {key: adapter.gate for key, adapter in parse_params(text, name).adapters.items()}
    except SettingsError as fault:
        raise SettingsError(
            f"the base branch's policy cannot be read by the code of this pull request: {fault.message}",
            next_step="repair params.yaml on the base branch, or keep this code able to read it",
        ) from None
