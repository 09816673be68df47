"""Private data and secrets: what is found, what is left alone, and what masking does."""

import pickle
import re
from collections.abc import Iterator
from re import _constants as opcodes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import private_cases
import private_held_out
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from private_cases import Negative, Positive

from tunegate.core.data_settings import Private
from tunegate.prepare import private_address, private_card, private_iban, private_phone, private_secret
from tunegate.prepare.private import Finder, Finding
from tunegate.prepare.private_card import luhn
from tunegate.prepare.private_iban import BBAN, iban_checks
from tunegate.prepare.private_token import TOKENS

POSITIVES = private_cases.POSITIVES + private_held_out.POSITIVES
NEGATIVES = private_cases.NEGATIVES + private_held_out.NEGATIVES
FINDERS = {region: Finder(Private(region=region)) for region in (None, "US", "DE", "GB", "FR", "AU")}
EVERY = FINDERS["DE"]
MASKS = ("[EMAIL]", "[PHONE]", "[IBAN]", "[CARD]", "[IP]", "[SECRET]")
NOISE = st.text(st.sampled_from("ab1 0+-.:/@[](){}=_'\"\n,\\") | st.characters(codec="utf-8"), max_size=12)
PIECES = st.sampled_from([case.item for case in POSITIVES] + [case.text for case in POSITIVES] + list(MASKS)) | NOISE
MIXED = st.lists(PIECES, max_size=8).map("".join)


GLUED = [case.item for case in POSITIVES if case.item.startswith(("gh" + "p_", "38172946"))]


def found(case: Positive | Negative) -> list[tuple[str, str]]:
    return [(kind, case.text[start:end]) for kind, start, end in FINDERS[case.region].find(case.text)]


@pytest.mark.parametrize("case", POSITIVES, ids=lambda case: f"{case.kind}-{case.text[:30]}")
def test_what_is_private_is_found_exactly(case: Positive) -> None:
    assert found(case) == [(case.kind, case.item)]


@pytest.mark.parametrize("case", NEGATIVES, ids=lambda case: case.text[:40])
def test_what_only_looks_private_is_left_alone(case: Negative) -> None:
    assert found(case) == []


@pytest.mark.parametrize("case", private_held_out.MISSED, ids=lambda case: case.text)
def test_known_limits_what_is_missed(case: Positive) -> None:
    assert found(case) == []


@pytest.mark.parametrize("case", private_held_out.FALSE, ids=lambda case: case.text)
def test_known_limits_what_is_taken_for_private(case: Negative) -> None:
    assert len(found(case)) == 1


def test_the_labelled_set_is_as_large_as_the_decision_note_says() -> None:
    sizes = [(len(cases.POSITIVES), len(cases.NEGATIVES)) for cases in (private_cases, private_held_out)]
    assert sizes == [(115, 204), (54, 122)]
    assert len(set(POSITIVES)) == len(POSITIVES)
    assert len(set(NEGATIVES)) == len(NEGATIVES)


def test_a_finding_is_masked_by_its_kind() -> None:
    text = "I am anna@firma-muster.de (+49 30 23125 000), card 4111 1111 1111 1111, DE89370400440532013000."
    found = EVERY.find(text)
    assert EVERY.mask(text, found) == "I am [EMAIL] ([PHONE]), card [CARD], [IBAN]."
    assert [finding.kind for finding in found] == ["email", "phone", "card", "iban"]


def test_only_the_kinds_that_are_asked_for_are_found() -> None:
    text = "anna@firma-muster.de, 4111 1111 1111 1111"
    assert [one.kind for one in Finder(Private(kinds=("card",))).find(text)] == ["card"]
    assert Finder(Private(kinds=())).find(text) == []


def test_a_longer_finding_swallows_what_stands_inside() -> None:
    text = "postgres://anna:Kq83-vbn2@db.firma-muster.de/app"
    assert EVERY.mask(text, EVERY.find(text)) == "postgres://[SECRET]@db.firma-muster.de/app"


def test_a_national_number_is_a_phone_number_only_with_its_region() -> None:
    text = "Ring (202) 555-0143"
    assert FINDERS[None].find(text) == []
    assert FINDERS["US"].find(text) == [Finding("phone", 5, 19)]


def test_a_finder_crosses_to_a_worker_and_says_nothing_of_the_text() -> None:
    finder = pickle.loads(pickle.dumps(EVERY))  # noqa: S301 - our own
    found = finder.find("Mail anna@firma-muster.de")
    assert "anna" not in repr(found)
    assert found == [Finding("email", 5, 25)]


@given(MIXED)
@example("x@muster-q.io" * 5)
@example("4111111111111111[1]4111111111111111")
@example("\u0130 password: Kq83-vbn2")
def test_spans_are_in_the_text_sorted_and_disjoint(text: str) -> None:
    found = EVERY.find(text)
    edges = [edge for finding in found for edge in (finding.start, finding.end)]
    assert edges == sorted(edges)
    assert all(0 <= finding.start < finding.end <= len(text) for finding in found)


@given(MIXED)
@example("[SECRET]:AAQ4ltdadyzJc8LvWgqFdYLs2BkcLP0MXBn")
@example(f"{GLUED[0]}8{GLUED[1]}")
def test_masking_twice_changes_nothing(text: str) -> None:
    masked = EVERY.mask(text, EVERY.find(text))
    assert EVERY.find(masked) == []
    assert EVERY.mask(masked, []) == masked


@given(MIXED)
def test_all_that_is_not_found_stays_as_it_is(text: str) -> None:
    found = EVERY.find(text)
    parts = re.split("|".join(map(re.escape, MASKS)), EVERY.mask(text, found))
    ends, starts = [0, *(one.end for one in found)], [*(one.start for one in found), None]
    kept = "".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    assert "".join(parts) == re.sub("|".join(map(re.escape, MASKS)), "", kept)


@given(NOISE, NOISE, st.sampled_from(POSITIVES))
def test_an_item_is_found_between_any_words(before: str, after: str, case: Positive) -> None:
    # In a sentence of its own, so that no sign before or after makes it a part of something longer.
    text = f"{before} \n. {case.text} \n; {after}"
    start = len(before) + 4 + case.text.index(case.item)
    spans = [(one.start, one.end) for one in FINDERS[case.region].find(text) if one.kind == case.kind]
    assert any(begin <= start and start + len(case.item) <= end for begin, end in spans)


@given(st.text(st.sampled_from("abcdefghij XYZ.,!?'\n-"), max_size=600))
def test_prose_without_digits_or_signs_holds_nothing(text: str) -> None:
    assert EVERY.find(text) == []


@given(st.integers(10**12, 10**18 - 1))
def test_one_digit_of_ten_completes_a_card_number(number: int) -> None:
    assert sum(luhn(f"{number}{digit}") for digit in range(10)) == 1


@given(st.integers(10**11, 10**18), st.integers(0, 17), st.integers(1, 9))
def test_a_wrong_digit_of_a_card_is_noticed(number: int, place: int, shift: int) -> None:
    whole = next(f"{number}{digit}" for digit in range(10) if luhn(f"{number}{digit}"))
    at = place % len(whole)
    wrong = whole[:at] + str((int(whole[at]) + shift) % 10) + whole[at + 1 :]
    assert not luhn(wrong)


def made_iban(country: str, draw: st.DataObject) -> str:
    signs = {"n": "0123456789", "a": "ABCXYZ", "c": "0189AZ"}
    body = "".join(
        draw.draw(st.text(signs[kind], min_size=int(count), max_size=int(count)))
        for count, kind in re.findall(r"(\d+)([nac])", BBAN[country])
    )
    digits = "".join(str(int(sign, 36)) for sign in f"{body}{country}00")
    return f"{country}{98 - int(digits) % 97:02}{body}"


@given(st.data(), st.sampled_from(sorted(BBAN)))
def test_an_iban_of_every_country_is_found_whole_and_in_groups(data: st.DataObject, country: str) -> None:
    iban = made_iban(country, data)
    groups = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    finder = Finder(Private(kinds=("iban",)))
    for said in (iban, groups, iban.lower()):
        assert finder.find(f"to {said}, please") == [Finding("iban", 3, 3 + len(said))]


@given(st.data(), st.sampled_from(sorted(BBAN)), st.integers(1, 96))
def test_an_iban_with_other_check_digits_is_none(data: st.DataObject, country: str, shift: int) -> None:
    iban = made_iban(country, data)
    wrong = f"{country}{(int(iban[2:4]) + shift) % 97:02}{iban[4:]}"
    assert not iban_checks(wrong)


HOSTILE = {
    "at signs": "@" * 200_000,
    "addresses without an end": "a@" * 100_000,
    "dots and at": "a.b@c." * 33_000,
    "one long word": "a" * 200_000,
    "one long word and an at": "a" * 200_000 + "@",
    "one long number": "4" * 200_000,
    "digits and gaps": "4 " * 100_000,
    "digits in fours": "4111 " * 40_000,
    "plus and digits": "+1 1 1 1 " * 22_000,
    "plus signs": "+" * 200_000,
    "brackets": "(0" * 100_000,
    "dotted numbers": "1." * 100_000,
    "colons": "2001:" * 40_000,
    "ibans that break off": "DE89 3704 0044 0532 " * 10_000,
    "begin lines": ("-----BEGIN PRIVATE" + " KEY-----") * 7_000,
    "a begin line and dashes": "-----BEGIN PRIVATE" + " KEY-----" + "-a" * 100_000,
    "tokens that break off": "eyJ" + "a" * 20 + ".eyJ" * 50_000,
    "many token starts": "sk-a " * 40_000,
    "urls without an end": "://a:" * 40_000 + "@",
    "password signs": "password=" * 22_000 + "1",
    "password space": ("password" + " " * 3) * 18_000 + "1",
    "keys": "api_key" * 28_000 + "1",
    "bearers": "bearer " * 28_000 + "1",
    "backslashes": "\\n" * 100_000 + "1@",
    "nul": "\0" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_makes_the_search_hang(name: str) -> None:
    text = HOSTILE[name]
    assert all(finding.end <= len(text) for finding in EVERY.find(text))


def patterns() -> Iterator[re.Pattern[str]]:
    for module in (private_address, private_card, private_iban, private_phone, private_secret):
        yield from (value for value in vars(module).values() if isinstance(value, re.Pattern))
    yield from (token.form for token in TOKENS)
    yield from (private_iban._form(country) for country in BBAN)


def endless(tree: Any) -> Iterator[str]:
    """The repetitions without a bound that may give back what they took."""
    for op, value in tree:
        if op in (opcodes.MAX_REPEAT, opcodes.MIN_REPEAT) and value[1] is opcodes.MAXREPEAT:
            yield f"{op}"
        yield from (inner for part in parts(value) for inner in endless(part))


def parts(value: Any) -> Iterator[Any]:
    if isinstance(value, parser.SubPattern):
        yield value
    elif isinstance(value, list | tuple):
        yield from (part for one in value for part in parts(one))


def test_every_repetition_is_bounded_or_gives_nothing_back() -> None:
    """So no start costs more than a constant, and the time of a search grows linearly with the text."""
    seen = list(patterns())
    assert len(seen) > len(TOKENS) + len(BBAN)
    assert {pattern.pattern: list(endless(parser.parse(pattern.pattern, pattern.flags))) for pattern in seen
            if list(endless(parser.parse(pattern.pattern, pattern.flags)))} == {}  # fmt: skip
