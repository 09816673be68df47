"""What to try when a variant lost too much: a form that rounds less, one change at a time, smallest first."""

from tunegate.core.convert_settings import Convert
from tunegate.judge.remedies import Remedy, lost
from tunegate.records.verdict import Outcome, Verdict

FINEST = 32  # weights that share a scale; below, the scales themselves take the room that is saved


def variant_remedies(verdict: Verdict, convert: Convert) -> tuple[Remedy, ...]:
    """Nothing where the variant kept enough, or that could not be judged."""
    wrong = (Outcome.FAIL, Outcome.INCONCLUSIVE)
    short = [gate for gate in verdict.gates
             if gate.id.startswith("variant/") and not gate.waived and gate.outcome in wrong]  # fmt: skip
    return tuple(_finer(convert)) if short or lost(verdict) else ()


def _finer(convert: Convert) -> list[Remedy]:
    if convert.method == "merge":
        why = "weights are rounded to fewer bits than the base has"
        return [] if convert.dtype == "float32" else [_one("dtype", convert.dtype, "float32", why)]
    found = [_one("rows", convert.rows, 4 * convert.rows, "more rows to choose the rounding by")]
    if convert.scheme == "W4A16":
        if convert.group_size > FINEST:
            why = "fewer weights share a scale: a finer rounding, in a little more room"
            found.append(_one("group_size", convert.group_size, max(FINEST, convert.group_size // 2), why))
        also = ("method=gptq",) if convert.method == "awq" else ()
        found.append(
            _one("scheme", convert.scheme, "W8A8", "8 bits instead of 4, in twice the room")._replace(also=also)
        )
    return found


def _one(setting: str, now: object, proposed: object, why: str) -> Remedy:
    return Remedy(setting, str(now), str(proposed), why, section="variants.{key}.convert", stage="gate-variant")
