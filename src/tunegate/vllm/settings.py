"""What every server file says, whoever writes it: the sampling that was evaluated, and the ranks that vLLM knows."""

from tunegate.core.errors import ReleaseRefused

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # what vLLM's --max-lora-rank accepts
# What a request that says nothing gets: vLLM would take the base's own sampling, and that was not evaluated.
AS_EVALUATED = {"temperature": 0, "repetition_penalty": 1.0}


def smallest_rank(rank: int) -> int:
    """The smallest `--max-lora-rank` that an adapter of `rank` fits in.

    Raises:
        ReleaseRefused: there is none.
    """
    if rank > RANKS[-1]:
        raise ReleaseRefused(
            f"rank {rank}: vLLM serves adapters up to rank {RANKS[-1]}", next_step="train a lower rank"
        )
    return next(allowed for allowed in RANKS if allowed >= rank)
