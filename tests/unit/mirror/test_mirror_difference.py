"""What a mirror lacks, by the tags alone."""

from hypothesis import given
from hypothesis import strategies as st

from tunegate.mirror.difference import Copy, There, difference, holders
from tunegate.records.released import Released
from tunegate.records.stages import Assignment

NUMBERS = st.lists(st.tuples(*[st.integers(0, 12)] * 3), unique=True, max_size=8)


def version(number: str, bundle: str = "b") -> Released:
    return Released("triage", number, "c" * 40, {"bundle": bundle})


def has(*tags: str, **aliases: int) -> There:
    return There({tag: Copy(at, "b") for at, tag in enumerate(tags, 1)}, aliases)


def test_an_empty_mirror_gets_all_oldest_first() -> None:
    found = difference([version("1.10.0"), version("1.9.0")], {"prod": "triage@v1.9.0"}, has())
    assert [one.version for one in found.missing] == ["1.9.0", "1.10.0"]
    assert found.moves == {"prod": "triage@v1.9.0"}


def test_a_mirror_in_step_needs_nothing() -> None:
    there = has("triage@v1.0.0", "triage@v1.1.0", prod=2, favourite=1)
    found = difference([version("1.1.0"), version("1.0.0")], {"prod": "triage@v1.1.0"}, there)
    assert found == ((), {}, ())


def test_a_rollback_moves_the_alias_alone() -> None:
    there = has("triage@v1.0.0", "triage@v1.1.0", prod=2)
    found = difference([version("1.1.0"), version("1.0.0")], {"prod": "triage@v1.0.0"}, there)
    assert found == ((), {"prod": "triage@v1.0.0"}, ())


def test_another_bundle_under_a_tag_is_strange() -> None:
    assert difference([version("1.0.0", "other")], {}, has("triage@v1.0.0")).strange == ("triage@v1.0.0",)


@given(NUMBERS, NUMBERS)
def test_what_is_there_and_what_is_missing_are_all_versions(
    wanted: list[tuple[int, ...]], there: list[tuple[int, ...]]
) -> None:
    versions = [version(".".join(map(str, number))) for number in wanted]
    copies = has(*(f"triage@v{'.'.join(map(str, number))}" for number in there))
    found = difference(versions, {}, copies)
    assert {one.tag for one in found.missing} == {one.tag for one in versions} - set(copies.copies)
    assert [one.order for one in found.missing] == sorted(one.order for one in found.missing)
    assert found.strange == ()


def test_the_newest_assignment_of_a_stage_holds() -> None:
    found = [
        Assignment("triage", "prod", "1.0.0", 3, "c"), Assignment("triage", "canary", "1.1.0", 2, "c"),
        Assignment("triage", "prod", "1.1.0", 1, "c"), Assignment("reply", "prod", "9.0.0", 9, "c"),
        Assignment("triage", "shadow", "", 4, "c"),
    ]  # fmt: skip
    assert holders("triage", found) == {"prod": "triage@v1.0.0", "canary": "triage@v1.1.0"}
