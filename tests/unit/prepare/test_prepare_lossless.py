"""Whatever stands in a file: no traceback, and rows in = rows kept + rows rejected."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_run import file_of, run_prepare

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError

TEXT = st.text(max_size=6) | st.sampled_from(["held out", "question", " ", "\ud800", "{}"])
TURN = st.dictionaries(st.sampled_from(["role", "content", "from", "value"]),
                       TEXT | st.sampled_from(["user", "assistant", "human", "gpt", "system"]))  # fmt: skip
ROW = st.fixed_dictionaries(
    {},
    optional={
        "messages": st.lists(TURN, max_size=4),
        "conversations": st.lists(TURN, max_size=4),
        "instruction": TEXT,
        "input": TEXT | st.none(),
        "output": TEXT,
        "text": TEXT,
        "label": TEXT,
        "id": TEXT | st.integers(),
        "metadata": st.dictionaries(st.just("family"), TEXT | st.floats()) | st.none(),
    },
)
LINE = ROW.map(lambda row: json.dumps(row).encode()) | st.binary(max_size=30).filter(
    lambda raw: not set(raw) & set(b"\r\n\0")
)


@given(lines=st.lists(LINE, max_size=8))
@settings(max_examples=60, deadline=None)
def test_no_row_is_lost(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("raw/train", "raw/validation", "raw/test", "general/train", "tasks"):
            (root / name).mkdir(parents=True)
        for name in ("raw/train", "raw/validation", "raw/test", "general/train"):
            said = {"instruction": f"held out of {name}", "output": "yes"}
            (root / name / "a.jsonl").write_text(json.dumps(said))
        (root / "raw/train/b.jsonl").write_bytes(b"\n".join(lines))
        try:
            found = run_prepare(root, Prepare(max_reject_rate=1.0))
        except DataError as fault:  # bytes that look like a packed file
            assert "raw/train/b.jsonl" in fault.message  # noqa: PT017 - the other outcome is as good
            return
        assert file_of(found, "train/b.jsonl").rows == sum(1 for line in lines if line.strip())
        kept = sum(len((root / f"out/data/{name}.jsonl").read_bytes().splitlines()) for name in ("train", "replay"))
        rejected = (root / "out/report/rejects.jsonl").read_bytes().splitlines()
        assert kept + len(rejected) == 2 + sum(1 for line in lines if line.strip())
        assert {json.loads(line)["file"] for line in rejected} <= {"train/b.jsonl"}
