"""Files that decide how a pull request is judged, besides the `gate` sections of params.yaml. No imports: fast."""

from collections.abc import Iterable

WATCHED = (
    "evals/",
    "src/tunegate/gate/",
    "src/tunegate/judge/",
    "src/tunegate/records/",
    "src/tunegate/core/",
    "src/tunegate/ci/",
    "src/tunegate/cli/",
    "requirements/core.txt",
    "pyproject.toml",
    "Makefile",
    ".github/",
)


def watched(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the changed files that decide how a pull request is judged, sorted."""
    return tuple(sorted(name for name in names if name.startswith(WATCHED)))
