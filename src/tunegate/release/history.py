"""`tunegate releases [KEY]`: versions, and who was in which stage when, from the tags alone."""

from pathlib import Path

from tunegate.core.errors import UsageError
from tunegate.core.git import git
from tunegate.records.released import released
from tunegate.records.stages import Assignment, assignments

FORM = "%(refname:short)%00%(creatordate:format-local:%Y-%m-%d %H:%M)%00%(taggername)%00%(contents:subject)"


def releases(root: Path, key: str = "") -> str:
    """One block for each adapter: its versions, newest first, and its stages, in the order they were assigned.

    Raises:
        UsageError: nothing of `key` is released.
    """
    made, staged, said = released(root), assignments(root), _said(root)
    keys = sorted({one.key for one in made if key in ("", one.key)})
    if key and not keys:
        known = ", ".join(sorted({one.key for one in made})) or "no adapter"
        raise UsageError(f"{key}: nothing of that name is released; there is {known}",
                         next_step="`git fetch --tags` brings other people's")  # fmt: skip
    if not keys:
        return "nothing is released yet: `dvc repro`, commit, `dvc repro release`"
    blocks = []
    for name in keys:
        own = [one for one in staged if one.key == name]
        rows = [f"  {one.tag}  {said[one.tag]}" for one in made if one.key == name]
        held = {one.stage: one for one in reversed(own)}  # newest first: the last one kept is the holder
        now = [f"  {stage}: {_version(one)}" for stage, one in sorted(held.items())]
        past = [f"  {_tag(one)}  {_version(one)}  {said[_tag(one)]}" for one in reversed(own)]
        blocks.append("\n".join([name, *rows, *(["now:", *now, "history:", *past] if own else ["  in no stage"])]))
    return "\n\n".join(blocks)


def _version(one: Assignment) -> str:
    return f"v{one.version}" if one.version else f"no release tag on its commit {one.commit[:12]}"


def _tag(one: Assignment) -> str:
    return f"{one.key}#{one.stage}#{one.counter}"


def _said(root: Path) -> dict[str, str]:
    found = {}
    for line in git(root, "for-each-ref", "refs/tags", f"--format={FORM}").splitlines():
        name, when, who, subject = line.split("\0")
        found[name] = f"{when}  {who or '-'}  {subject}"
    return found
