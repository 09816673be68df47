"""When the next request may be sent: evenly through the minute, and not while the endpoint asks for a pause."""

import asyncio


class Pace:
    """Hands out turns. The first is at once."""

    def __init__(self, per_minute: int | None) -> None:
        """`per_minute` None: no limit of ours."""
        self._gap = 60 / per_minute if per_minute else 0.0
        self._next = self._pause = 0.0

    async def turn(self) -> None:
        """Wait for the next turn."""
        clock = asyncio.get_running_loop().time
        start = max(clock(), self._next)
        self._next = start + self._gap
        while (wait := max(start, self._pause) - clock()) > 0:  # noqa: ASYNC110 - a pause may come while it sleeps
            await asyncio.sleep(wait)

    def pause(self, seconds: float) -> None:
        """Give no turn for so long: what one request is told by a 429 holds for all."""
        self._pause = max(self._pause, asyncio.get_running_loop().time() + seconds)
