"""What to try when general skills were lost: settings of `train` that are known to keep more, with their numbers.

Ordered by what costs the task least: rows of the general skills mixed in (Scialom et al. 2022, arXiv 2205.12393), then
LoRA for full fine-tuning or a smaller rank (Biderman et al. 2024, arXiv 2405.09673: LoRA learns less and forgets less),
then a lower rate, then fewer epochs. Each is one change, so that the next run tells what it did.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tunegate.core.settings import Train
from tunegate.judge.rows import MACRO
from tunegate.records.verdict import GateResult, Outcome, Verdict

MOST_TASKS = 3


class Remedy(NamedTuple):
    """One setting below `section`: what it is, what to try, why. `also` goes with it, as KEY=VALUE; `stage` judges."""

    setting: str
    now: str
    proposed: str
    why: str
    also: tuple[str, ...] = ()
    section: str = "adapters.{key}.train"
    stage: str = "gate"

    def command(self, key: str) -> str:
        """The experiment that tries it."""
        changes = (f"{self.setting}={self.proposed}", *self.also)
        section = self.section.format(key=key)
        return f"dvc exp run {' '.join(f'-S {section}.{change}' for change in changes)} {self.stage}@{key}"


def lost(verdict: Verdict) -> list[GateResult]:
    """The rows of forgetting that fell short and are not waived."""
    wrong = (Outcome.FAIL, Outcome.INCONCLUSIVE)
    return [
        gate
        for gate in verdict.gates
        if gate.kind == "noninferiority" and gate.decides and not gate.waived and gate.outcome in wrong
    ]


def summary(verdict: Verdict) -> str:
    """What was retained and where most was lost, in one sentence; empty where forgetting did not fall short."""
    if not lost(verdict):
        return ""
    macro = next((gate for gate in verdict.gates if gate.id == MACRO), None)
    retained = ""
    if macro is not None and macro.effect is not None and macro.bound is not None:
        kept, asked = 1 + macro.effect, 1 + macro.bound
        retained = f"{kept:.3f} of the base's general skills is retained, {asked:.3g} is asked for"
    tasks = [gate for gate in verdict.gates if gate.kind == "noninferiority" and gate.id != MACRO]
    fallen = sorted((gate for gate in tasks if (gate.effect or 0.0) < 0), key=lambda gate: gate.effect or 0.0)
    most = ", ".join(f"{gate.task} {100 * (gate.effect or 0.0):+.1f} %" for gate in fallen[:MOST_TASKS])
    return "; ".join(part for part in (retained, f"most lost: {most}" if most else "") if part)


def remedies(verdict: Verdict, train: Train) -> tuple[Remedy, ...]:
    """What to try, best first; nothing where forgetting passed, is waived, or could not be judged."""
    if not lost(verdict):
        return ()
    found = [_replay(train), *_method(train), _rate(train), *_epochs(train)]
    return tuple(one for one in found if one is not None)


def _replay(train: Train) -> Remedy | None:
    for more in (0.5, 1.0, 2.0):
        if train.replay < more:
            why = "general rows mixed in, as a share of the task's: the model practises what it would forget"
            return Remedy("replay", f"{train.replay:g}", f"{more:g}", why)
    return None


def _method(train: Train) -> Sequence[Remedy]:
    if train.method == "full":
        why = "LoRA moves far fewer weights than full fine-tuning, and forgets less"
        return [Remedy("method", "full", "lora", why, (f"rank={train.rank}",))]
    if train.rank < 2:
        return []
    why = "a smaller rank can change less; alpha goes with it, so that the scale stays"
    return [Remedy("rank", f"{train.rank}", f"{train.rank // 2}", why, (f"alpha={max(1, train.alpha // 2)}",))]


def _rate(train: Train) -> Remedy:
    third = float(f"{train.learning_rate / 3:.1g}")
    return Remedy("learning_rate", f"{train.learning_rate:g}", f"{third:g}", "a third of the rate: smaller steps")


def _epochs(train: Train) -> Sequence[Remedy]:
    fewer = max(1, round(0.6 * train.epochs))
    if fewer >= train.epochs:
        return []
    return [Remedy("epochs", f"{train.epochs:g}", f"{fewer:g}", "fewer passes over the task's rows")]
