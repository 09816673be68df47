"""The table of reject codes in docs/data.md is the one in the code."""

import re
from pathlib import Path

from tunegate.prepare.codes import CODES

PAGE = Path(__file__).parents[3] / "docs" / "data.md"


def test_the_docs_name_every_code_with_its_meaning() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## Rejects")[2].partition("\n## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE)) == CODES
