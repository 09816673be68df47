"""Count tokens as the base model does, and know its control tokens, with the `tokenizers` library alone."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tunegate.core.errors import ModelError
from tunegate.prepare.streams import needs

if TYPE_CHECKING:
    from tokenizers import Tokenizer

NEXT_STEP = "give the folder of a base model with a tokenizer.json"


class TokenCounter:
    """The tokenizer of one base model. Another process gets it by its path and loads it again."""

    def __init__(self, path: Path) -> None:
        """Load `tokenizer.json`.

        Raises:
            ModelError: the file is missing or is no tokenizer.
        """
        self.path = path
        self._tokenizer = _tokenizer(path)
        added = self._tokenizer.get_added_tokens_decoder()
        self.special: tuple[str, ...] = tuple(
            added[number].content for number in sorted(added) if added[number].special
        )

    @classmethod
    def load(cls, folder: Path) -> "TokenCounter":
        """The tokenizer of the base model in `folder`.

        Raises:
            ModelError: it has none that can be read.
        """
        return cls(folder / "tokenizer.json")

    def __reduce__(self) -> "tuple[type[TokenCounter], tuple[Path]]":
        return TokenCounter, (self.path,)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the control tokens that a chat template puts around it."""
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encoded]


@lru_cache(maxsize=4)
def _tokenizer(path: Path) -> "Tokenizer":
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise needs("tokenizers", path) from None
    if not path.is_file():
        raise ModelError(f"{path}: no such file", next_step=NEXT_STEP)
    try:
        found = Tokenizer.from_file(str(path))
    except Exception as fault:  # noqa: BLE001 - the library raises plain Exception
        raise ModelError(f"{path}: not a tokenizer: {str(fault)[:300]}", next_step=NEXT_STEP) from None
    found.no_truncation()
    found.no_padding()
    return found
