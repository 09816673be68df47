"""Extending an inconclusive run: at sizes declared beforehand only, so that nobody stops where it happens to look good.

The documents of a smaller size are among those of a larger one (a seeded permutation, evaluate.general.draw). Each
declared size is one look at the level alpha / number of sizes (Bonferroni, so the level holds however they depend).
"""

from tunegate.core.settings import Forgetting
from tunegate.records.scores import ScoreFile


def size_faults(general: ScoreFile, policy: Forgetting) -> list[str]:
    """Why a measurement of another size than the declared ones is no evidence."""
    if not policy.sizes:
        return []
    wanted = ", ".join(str(size) for size in sorted(policy.sizes))
    return [
        f"measured on {found} documents a task, gate.forgetting.sizes declares {wanted}: set general.documents to one"
        for found in sorted(_measured(general))
        if found not in policy.sizes
    ]


def next_size(general: ScoreFile, policy: Forgetting) -> int | None:
    """The next declared size, for a run that is inconclusive at the present one; None at the last."""
    larger = [size for size in policy.sizes if size > max(_measured(general), default=0)]
    return min(larger, default=None)


def _measured(general: ScoreFile) -> set[int]:
    sizes = (task.must_match.get("documents") for task in general.tasks if task.suite == "general")
    return {size for size in sizes if isinstance(size, int)}
