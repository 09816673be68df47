"""pass@k: the chance that at least one of k completions passes, from n that were tried. Pure."""

import math


def pass_at_k(n: int, c: int, k: int) -> float:
    """Estimate without bias: 1 - C(n - c, k) / C(n, k), as a product.

    [Chen et al. 2021, arXiv 2107.03374, equation 1]

    Args:
        n: completions tried.
        c: those that passed, 0 to n.
        k: 1 to n.

    Raises:
        ValueError: k completions were not tried: the estimate is not defined, and 0 or 1 would be made up.
    """
    if not 0 <= c <= n or not 1 <= k <= n:
        message = f"pass@{k} of {c} passed in {n} is not defined: it takes 0 <= c <= n and 1 <= k <= n"
        raise ValueError(message)
    if n - c < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / i for i in range(n - c + 1, n + 1))
