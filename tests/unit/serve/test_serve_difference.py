"""What the tags want against what is loaded: nothing wanted is ever called superfluous."""

from hypothesis import given
from hypothesis import strategies as st
from serve_cases import VERSIONS, WANTS

from tunegate.serve.difference import compare, table
from tunegate.serve.plan import folder, served

NAMES = [version.name for version in VERSIONS]
WANTED = {version.name: version for version in served(WANTS)}
loads = st.dictionaries(st.sampled_from([*NAMES, "base-copy", "triage-v9.9.9"]), st.sampled_from(["right", "other"]))


def paths(loaded: dict[str, str]) -> dict[str, str]:
    right = {version.name: folder(version).as_posix() for version in VERSIONS}
    return {
        name: right.get(name, "/x") if how == "right" else f"/srv/{name}-ffffffffffff" for name, how in loaded.items()
    }


@given(loads)
def test_every_name_has_one_fate(loaded: dict[str, str]) -> None:
    difference = compare(WANTS, VERSIONS, paths(loaded))
    missing = {version.name for version in difference.missing}
    other = {version.name for version in difference.other_bytes}
    assert missing == set(WANTED) - set(loaded)
    assert other == {name for name, how in loaded.items() if how == "other" and name in WANTED}
    assert set(difference.superfluous) == (set(loaded) & set(NAMES)) - set(WANTED)
    assert set(difference.foreign) == set(loaded) - set(NAMES)
    assert difference.in_step == (not missing and not other and not difference.superfluous)


@given(loads)
def test_the_table_has_a_line_for_each_name(loaded: dict[str, str]) -> None:
    lines = table(WANTS, compare(WANTS, VERSIONS, paths(loaded)), {}).splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(set(WANTED) | set(loaded))


def test_the_same_folder_below_another_root_holds_the_same_bytes() -> None:
    loaded = {name: f"/srv/tunegate/{folder(version).as_posix()}" for name, version in WANTED.items()}
    assert compare(WANTS, VERSIONS, loaded).in_step
