"""How many documents the forgetting guard needs, known before anything is trained.

With p the base's score, v its variance and phi = 1 - max_drop, the statistic of one document is L = candidate - phi
base. If nothing changes but a share D of the documents flips, half each way, base and candidate correlate by
rho = 1 - D / (2 v), and

    Var(L) = v (1 + phi^2 - 2 phi rho)      n = (z_alpha + z_power)^2 * sum Var(L_k) / ((1 - phi) sum p_k)^2

for the sum over tasks k; for one task that is about 2349 D / p^2 at 5 %, level 0.05 and 80 % power (Nam and Blackwelder
2002 for zeros and ones; checked against simulation in docs/operating-characteristics.md).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from tunegate.judge.finding import POWER, quantile

CHURN = (0.05, 0.10, 0.20)  # shares of documents that change although nothing is better or worse


class Level(NamedTuple):
    """What the base scores on one general task: mean, variance and the design effect of its families."""

    mean: float
    variance: float
    design: float = 1.0


def documents_for(tasks: Sequence[Level], churn: float, max_drop: float, alpha: float) -> int:
    """Documents a task that prove with 80 % power that at most `max_drop` of the sum is lost, if nothing is.

    `churn`: the share D of documents that flip, 0 to 1. Scores other than zeros and ones: as if they had that
    correlation, which is a guess.
    """
    phi = 1 - max_drop
    spread = sum(_variance(task, churn, phi) * task.design for task in tasks)
    distance = max_drop * sum(task.mean for task in tasks)
    reach = quantile(alpha, math.inf) + quantile(1 - POWER, math.inf)
    return math.ceil(reach**2 * spread / distance**2)


def _variance(task: Level, churn: float, phi: float) -> float:
    if task.variance <= 0:  # the base is always right: only the flips vary
        return churn / 2 * (1 + phi**2)
    together = max(0.0, 1 - churn / (2 * task.variance))
    return task.variance * (1 + phi**2 - 2 * phi * together)
