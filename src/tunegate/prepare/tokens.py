"""Count tokens as the base does, with its tokenizer file alone: no model, no torch."""

from collections.abc import Sequence
from pathlib import Path

from tunegate.core.errors import DataError

BATCH = 1000


class TokenCounter:
    """The tokenizer of the base."""

    def __init__(self, path: Path) -> None:
        """Read `tokenizer.json`.

        Raises:
            DataError: it is missing or not one.
        """
        from tokenizers import Tokenizer

        if not path.is_file():
            raise DataError(f"{path}: no such file", next_step="prepare.max_tokens needs the base's tokenizer.json")
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as fault:  # noqa: BLE001 - the library raises bare Exception
            raise DataError(f"{path}: not a tokenizer: {fault}", next_step="take the base's own file") from None
        added = self._tokenizer.get_added_tokens_decoder().values()
        self.special = tuple(sorted(token.content for token in added if token.special and len(token.content) > 1))

    @classmethod
    def load(cls, base: Path) -> "TokenCounter":
        """The tokenizer in the base's folder."""
        return cls(base / "tokenizer.json")

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without those that a template adds."""
        counts: list[int] = []
        for start in range(0, len(texts), BATCH):
            coded = self._tokenizer.encode_batch_fast(list(texts[start : start + BATCH]), add_special_tokens=False)
            counts += [len(one.ids) for one in coded]
        return counts
