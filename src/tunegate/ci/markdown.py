"""Text that others wrote, in a comment on GitHub: it can neither call somebody, nor link, nor be markup, nor grow.

GitHub looks for mentions, issue numbers and addresses in the text after Markdown is rendered, so an entity such as
`&#64;` does not stop them; a character of no width does.
"""

import re
import unicodedata
from collections.abc import Sequence

MARKER = "<!-- tunegate:report -->"
GAP = "&#8203;"  # a space of no width
SIGNS = {sign: f"&#{ord(sign)};" for sign in "&<>\"'|`*~[]\\$^"}
EDGE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")  # an underscore within a word is no markup
# What GitHub makes a link, a mention or a picture of: @name, #12, GH-12, ://, www., :name:
CALLS = re.compile(r"@(?!&#8203;)|(?<!&)#(?!&#8203;)(?=\w)|:(?=//)|(?i:www)(?=\.)|(?i:GH)(?=-\d)|:(?=[a-z0-9_+-]+:)")
BLOCKS = re.compile(r"(?:[-+]|#+|\d+[.)])(?:\s|$)|[-=]+$")  # what opens a list or a heading
LONGEST = 600  # signs of one text from outside
# Raw HTML that our own report has. Within <code> GitHub calls nobody; a backtick or a backslash could undo the tag.
OURS = re.compile(r"(</?details>|</?summary>|(?<!\\)<code>[^`<>\\]*</code>)")
ALERT = re.compile(r"\[(?!!(?:CAUTION|WARNING|NOTE)\])")


def inert(text: str) -> str:
    """One line of plain text in Markdown, whatever is in `text`; cut after 600 signs."""
    line = CALLS.sub(lambda call: call[0] + GAP, _plain(text))
    return f"{GAP}{line}" if BLOCKS.match(line) else line


def code(text: str) -> str:
    """The same in a typewriter face: what a person copies, so without signs of no width."""
    return f"<code>{_plain(text)}</code>"


def ticked(text: str) -> str:
    """A sentence of ours, in which what stands between backticks is code."""
    parts = [
        code(part) if at % 2 else re.sub(r"\S.*\S|\S", lambda words: inert(words[0]), part, flags=re.DOTALL)
        for at, part in enumerate(text.split("`"))
    ]
    return "".join(parts)


def defuse(body: str) -> str:
    """A report that an untrusted run wrote: tables and lists stay; links, pictures, mentions and other HTML do not."""
    lines = ("".join(_seen(sign) for sign in line) for line in body.replace("\r", "\n").split("\n"))
    return "\n".join("".join(_defused(piece) for piece in OURS.split(line)) for line in lines)


def fit(head: str, parts: Sequence[str], limit: int) -> str:
    """`head`, then the parts that there is room for in `limit` bytes; how many are left out is said at the end."""
    whole, left = cut(head, limit - 200), 0
    for part in parts:
        if len((whole + part).encode()) > limit - 200:
            left += 1
        else:
            whole += part
    if left:
        whole += f"\n{left} part(s) are left out here: no more room. {code('tunegate ci judge')} shows all.\n"
    return whole


def cut(text: str, limit: int) -> str:
    """The lines of `text` that fit into `limit` bytes, and a word if they are not all."""
    if len(text.encode()) <= limit:
        return text
    kept, room = "", limit - 40
    for line in text.splitlines(keepends=True):
        room -= len(line.encode())
        if room < 0:
            break
        kept += line
    return f"{kept}\n(cut here: no more room)\n"


def _plain(text: str) -> str:
    seen = "".join(_seen(sign) for sign in " ".join(text.split()))
    short = seen if len(seen) <= LONGEST else f"{seen[:LONGEST]}..."
    return EDGE.sub("&#95;", "".join(SIGNS.get(sign, sign) for sign in short))


def _seen(sign: str) -> str:
    """Signs that nobody sees, or that turn the direction of text, are named."""
    if sign == "\t":
        return " "
    return f"[U+{ord(sign):04X}]" if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else sign


def _defused(piece: str) -> str:
    """One piece of a line: our own tag as it is; of all else nothing to follow or to call."""
    if OURS.fullmatch(piece):
        return piece
    return CALLS.sub(lambda call: call[0] + GAP, ALERT.sub("&#91;", piece.replace("<", "&lt;")))
