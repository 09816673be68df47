"""What was spent, over all runs, and whether the next request could exceed `max_cost`.

Before a request the worst case is held back: each byte of the prompt a token, and `max_tokens` of answer. Afterwards
the endpoint's own count takes its place. A try that ended without a count (a timeout, a kill) may have been billed: its
worst case stays in the sum. Amounts are exact decimals, written down before and after each try.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from tunegate.core.data_settings import Synth
from tunegate.core.errors import DataError
from tunegate.core.files import dump_json, parse_json
from tunegate.endpoint.request import Tokens
from tunegate.synth.lines import Lines, whole_lines

PLACE = "ledger.jsonl"


@dataclass(frozen=True)
class Prices:
    """Prices of a million tokens."""

    prompt: Decimal
    completion: Decimal

    @classmethod
    def of(cls, settings: Synth) -> Self:
        """The prices as params.yaml writes them: 0.15 is 15/100, not the nearest binary fraction."""
        return cls(Decimal(str(settings.price_in)), Decimal(str(settings.price_out)))

    def cost(self, tokens: Tokens) -> Decimal:
        """What so many tokens cost."""
        return (tokens.prompt * self.prompt + tokens.completion * self.completion).scaleb(-6)


@dataclass
class Spent:
    """Sums. `assumed` is the part of `cost` that no endpoint confirmed, `lost` the number of such tries."""

    prompt: int = 0
    completion: int = 0
    cost: Decimal = Decimal(0)
    assumed: Decimal = Decimal(0)
    lost: int = 0

    def add(self, tokens: Tokens, cost: Decimal, *, known: bool) -> None:
        """Count one try."""
        self.cost += cost
        if known:
            self.prompt += tokens.prompt
            self.completion += tokens.completion
        else:
            self.assumed += cost
            self.lost += 1


class Budget:
    """The ledger of one adapter, `ledger.jsonl`: a line before each try, and one after it."""

    def __init__(self, folder: Path, settings: Synth) -> None:
        """Read what earlier runs spent.

        Raises:
            DataError: a line of the ledger is none.
        """
        self._prices = Prices.of(settings)
        self._limit = None if settings.max_cost is None else Decimal(str(settings.max_cost))
        self._held = Decimal(0)
        self._lines = Lines(folder / PLACE)
        self.spent, self._tries = _read(folder / PLACE)
        self._open: dict[int, Tokens] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()

    @property
    def limit(self) -> Decimal | None:
        """The cap."""
        return self._limit

    def cost(self, tokens: Tokens) -> Decimal:
        """What so many tokens cost."""
        return self._prices.cost(tokens)

    def hold(self, worst: Tokens) -> bool:
        """Hold the worst case of a request back; False, and nothing held, if it could exceed the cap."""
        amount = self.cost(worst)
        if self._limit is not None and self.spent.cost + self._held + amount > self._limit:
            return False
        self._held += amount
        return True

    def release(self, worst: Tokens) -> None:
        """The request is over."""
        self._held -= self.cost(worst)

    def exceeded(self) -> bool:
        """Whether what is spent and held passes the cap: a lost try was counted, so no further one may be sent."""
        return self._limit is not None and self.spent.cost + self._held > self._limit

    def send(self, request: str, worst: Tokens) -> int:
        """Write down that a try is sent; return its number."""
        self._tries += 1
        self._open[self._tries] = worst
        self._write(self._tries, request, "sent", worst)
        return self._tries

    def settle(self, number: int, request: str, tokens: Tokens | None, *, billed: bool = True) -> None:
        """Write down how a try ended.

        Args:
            number: of `send`.
            request: its key.
            tokens: the endpoint's count, if it gave one.
            billed: False: the endpoint refused it, which costs nothing.
        """
        worst = self._open.pop(number)
        if not billed:
            self._write(number, request, "refused", Tokens(prompt=0, completion=0))
            return
        counted = tokens or worst
        self._write(number, request, "counted" if tokens else "lost", counted)
        self.spent.add(counted, self.cost(counted), known=tokens is not None)

    def _write(self, number: int, request: str, state: str, tokens: Tokens) -> None:
        entry = {"try": number, "request": request[:16], "state": state, **tokens.model_dump()}
        self._lines.add([dump_json({**entry, "cost": f"{self.cost(tokens):f}"}) + "\n"])


def _read(path: Path) -> tuple[Spent, int]:
    """What the ledger sums to, and the number of its last try. Sent and nothing after: the process was killed."""
    tries: dict[int, tuple[str, Tokens, Decimal]] = {}
    for place, line in enumerate(whole_lines(path), 1):
        try:
            entry = parse_json(line)
            tokens = Tokens(prompt=entry["prompt"], completion=entry["completion"])
            tries[entry["try"]] = (str(entry["state"]), tokens, Decimal(entry["cost"]))
        except (ValueError, KeyError, TypeError, ArithmeticError):
            raise DataError(f"{path}:{place}: no line of a ledger", next_step="correct or delete the line") from None
    spent = Spent()
    for state, tokens, cost in tries.values():
        if state != "refused":
            spent.add(tokens, cost, known=state == "counted")
    return spent, max(tries, default=0)
