"""The corpus of broken inputs (tests/broken): each row gets its code, each file its error, and no row is lost."""

from pathlib import Path

import pytest
from broken.case import Broken
from broken.corpus import CASES

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError
from tunegate.core.files import dump_json
from tunegate.prepare.codes import CODES
from tunegate.prepare.formats import BadRow, format_for, parse
from tunegate.prepare.readers import RawRow, data_files, read_chunks
from tunegate.prepare.validate import Rules
from tunegate.records.example import Message


def test_the_corpus_is_large_and_its_names_and_codes_are_good() -> None:
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len(CASES)
    assert {code for case in CASES for code in case.codes} - {""} <= set(CODES)


def outcome(row: RawRow, settings: Prepare, rules: Rules) -> str:
    """The code of a row, or nothing."""
    dump_json([row.content, row.reason]).encode("utf-8")  # whatever it is, it can be written
    if row.code:
        return row.code
    form, columns = format_for(settings, row.file)
    try:
        parsed = parse(row.content, columns, form)
    except BadRow as fault:
        assert fault.reason
        return fault.code
    for turn in [*parsed.prompt, *(turn for side in parsed.answers for turn in side)]:
        assert Message.model_validate(turn).plain().keys() >= turn.keys()
    fault = rules.fault(parsed)
    return fault.code if fault else ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_broken_input_gives_its_codes_or_one_clear_error(tmp_path: Path, case: Broken) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / case.file).write_bytes(case.bytes())
    settings = Prepare.model_validate(case.settings)
    rules = Rules(settings, None, None)
    (file,) = data_files(tmp_path, "train")
    codes: list[str] = []
    chunks = read_chunks(file, size=50)
    if case.error:
        with pytest.raises(DataError, match=case.error) as caught:
            codes.extend(outcome(row, settings, rules) for chunk in chunks for row in chunk.rows())
        assert str(file.path) in caught.value.message
        assert caught.value.next_step
    else:
        codes.extend(outcome(row, settings, rules) for chunk in chunks for row in chunk.rows())
    assert tuple(codes) == case.codes
