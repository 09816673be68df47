"""Make release tags: annotated, in GTO's grammar, by git itself.

GTO looks whether a tag is there and then writes it without a lock: of two at once the later silently replaces the
earlier. Git takes the ref's lock and refuses: one wins, the other is told.
"""

from pathlib import Path

from tunegate.core.errors import BusyError, MachineError
from tunegate.core.git import git, identity
from tunegate.records.manifest import Manifest


def annotation(manifest: Manifest, facts: dict[str, str]) -> str:
    """The tag's text: a subject for `git tag -n1` with data hash and scores, then the facts."""
    said = " ".join(f"{name} {score:.3f}" for name, score in manifest.scores.items())
    data = manifest.data if facts["data-hash"] == "none" else facts["data-hash"]
    return f"data {data[:12]} {said}\n\n{lines(facts)}"


def lines(facts: dict[str, str]) -> str:
    """Facts as lines."""
    return "".join(f"{name}: {value}\n" for name, value in facts.items())


def make_tag(root: Path, name: str, commit: str, message: str) -> None:
    """Make the annotated tag `name` at `commit`.

    Raises:
        MachineError: git does not know who makes the tag, or cannot write.
        BusyError: a tag of that name is there: somebody else made it in the meantime.
    """
    identity(root)
    try:
        git(root, "tag", "--annotate", "--cleanup=verbatim", "--message", message, name, commit)
    except MachineError:
        if not git(root, "tag", "--list", name):
            raise
        raise BusyError(f"{name} was made by somebody else in the meantime",
                        next_step="look at `tunegate releases`, then run this again") from None  # fmt: skip
