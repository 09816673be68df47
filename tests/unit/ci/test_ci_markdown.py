"""Text from outside in a comment: nothing of it is markup, whatever it is."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.ci.markdown import MARKER, code, cut, defuse, fit, inert

HARM = re.compile(r"[<>|`*~\[\]\\$\n\r]|@(?!&#8203;)|://|(?i:www)\.|(?<!&)#(?=\w)|(?i:GH)-\d")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("exact_match", "exact_match"),
        ("the gain is at least +0.1", "the gain is at least +0.1"),
        ("a | b\nc", "a &#124; b c"),
        ("<b>@ada</b>", "&#60;b&#62;@&#8203;ada&#60;/b&#62;"),
        ("# head", "&#8203;# head"),
        ("- item", "&#8203;- item"),
        ("1. item", "&#8203;1. item"),
        ("see #12 and http://x.example", "see #&#8203;12 and http:&#8203;//x.example"),
        ("\u202eevil\x07", "&#91;U+202E&#93;evil&#91;U+0007&#93;"),
        ("_a_", "&#95;a&#95;"),
    ],
)
def test_text_is_shown_as_it_is(text: str, shown: str) -> None:
    assert inert(text) == shown


@given(st.text(max_size=200))
def test_no_text_is_markup(text: str) -> None:
    assert not HARM.search(inert(text))
    assert not re.search(r"[<>|`*~\[\]\\$\n\r]", code(text)[6:-7])


@given(st.text(alphabet="abc _-+.:/12", min_size=1, max_size=80))
def test_a_reader_sees_every_word(text: str) -> None:
    assert html.unescape(inert(text)).replace("\u200b", "") == " ".join(text.split())


@given(st.text(max_size=300))
def test_a_defused_body_is_defused_already(body: str) -> None:
    once = defuse(body)
    assert defuse(once) == once
    assert not re.search(r"@(?!&#8203;)|://|\[(?!!)", re.sub(r"<code>[^`<>\\]*</code>", "", once))


def test_our_own_report_comes_through_unchanged() -> None:
    table = f"> [!CAUTION]\n> x\n\n| {inert('a|b @x #1')} |\n"
    own = f"{table}<details>\n<summary>s</summary>\n\n- {code('gate@triage')}\n</details>\n"
    assert defuse(own) == own


@given(st.lists(st.text(max_size=300), max_size=8), st.integers(min_value=400, max_value=2000))
def test_a_report_never_grows_beyond_its_limit(parts: list[str], limit: int) -> None:
    whole = fit(f"{MARKER}\n", parts, limit)
    assert len(whole.encode()) <= limit
    if "left out" not in whole:
        assert whole == f"{MARKER}\n" + "".join(parts)
    assert len(cut("\n".join(parts), limit).encode()) <= limit
