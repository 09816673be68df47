"""Numbers and names as people read them, and texts from data made safe to look at."""

import re

# Plurals that are not the word with an s.
PLURALS = {"family": "families", "is": "are", "holds": "hold", "stays": "stay", "waits": "wait"}
# Control characters, and marks that turn the direction of text: with them a row may look like another.
UNSEEN = (*(code for code in range(0x20) if chr(code) not in "\n\t"), *range(0x7F, 0xA0), *range(0x202A, 0x202F),
          *range(0x2066, 0x206A))  # fmt: skip
NAMED = {code: f"[U+{code:04X}]" for code in UNSEEN}
PART = re.compile(r"[^_/.-]*[_/.-]|[^_/.-]+")
NO_CHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


def number(value: int) -> str:
    """1004 as 1,004."""
    return f"{value:,}"


def plural(count: int, word: str) -> str:
    """The word for that many."""
    return word if count == 1 else PLURALS.get(word, f"{word}s")


def counted(count: int, word: str) -> str:
    """`1 row`, `1,004 rows`."""
    return f"{count:,} {plural(count, word)}"


def percent(part: float, whole: float = 1) -> str:
    """A share in percent: two digits that matter, never 0 % of something nor 100 % of less than all."""
    share = part / whole if whole else 0.0
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    shown = f"{100 * share:.0f}" if 10 <= 100 * share < 99.5 else f"{100 * share:.1f}"
    bounds = {"0.0": "< 0.1", "100.0": "> 99.9"}
    return f"{bounds.get(shown, shown)} %"


def listed(names: list[str], most: int = 3) -> str:
    """`a, b, c and 4 more`."""
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def breakable(name: str) -> list[str]:
    """A name in parts after which a line may end; together they are the name."""
    return PART.findall(name)


def visible(text: str) -> str:
    """The text with what one does not see named: control characters, marks that turn its direction, no characters."""
    return NO_CHARACTERS.sub("\ufffd", text.replace("\r\n", "\n").translate(NAMED))


def plain(text: str) -> str:
    """One line of printable ASCII: what a terminal, a log or a CSV cell can show without harm."""
    return " ".join(text.split()).encode("unicode_escape").decode("ascii")


def cut(text: str, width: int) -> str:
    """The text in at most `width` characters, its end marked where it was cut."""
    return text if len(text) <= width else f"{text[: width - 3]}..."
