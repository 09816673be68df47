"""The commands of docs/human-evaluation.md run as they stand there, one after the other."""

import re
import shlex
import shutil
from pathlib import Path

from human_project import KEY, HumanServer, Rater, make_project
from review_project import tunegate

from tunegate.human.board import LEAST
from tunegate.records.human import QUESTIONS, session_path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "human-evaluation.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(line, comments=True) for line in re.findall(r"^ {4}(tunegate human .*)$", PAGE, re.MULTILINE)]


def rate_all(raters: list[Rater]) -> None:
    """Everybody rates until nobody has a pair left."""
    left = True
    while left:
        left = False
        for one in raters:
            if pair := one.next()["pair"]:
                left = one.rate(pair["item"], "a").status == 200


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    make_project(tmp_path, 60)
    shutil.copy(ROOT / "params.yaml", tmp_path / "params.yaml")
    assert [command[2] for command in COMMANDS] == ["new", "serve", "status", "close", "export", "import"]
    for _, _, verb, key, *options in COMMANDS:
        assert key == KEY
        if verb == "serve":
            names = options[1::2]
            server = HumanServer(tmp_path, reviewers=names)
            rate_all([server.rater(name) for name in names])
            assert "All is rated" in server.stop()
            continue
        done = tunegate(tmp_path, "human", verb, key, *options)
        assert done.returncode == 0, done.stderr
    assert session_path(tmp_path / "scores", KEY).is_file()


def test_the_page_names_every_question_and_number_of_the_code() -> None:
    assert all(name in PAGE.lower() for name in QUESTIONS[1:])
    assert LEAST == 3
    assert "at least three does not count" in PAGE
