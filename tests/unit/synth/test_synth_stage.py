"""`tunegate synth` as a whole: provenance, what may be shown to a teacher, going on where it was left, clear errors."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from synth_project import KEY, adapter_in, cache, made, make_synth_project, output, rejected, run_synth
from teacher_server import Action, Body, chat, fails, good, rows, rows_for, serving
from tiny_data import example

from tunegate.core.errors import DataError, ModelError, SettingsError
from tunegate.records.example import Example, Origin, write_examples
from tunegate.synth.output import file_of
from tunegate.synth.stage import dry_run, key_of

SECRET = "sk-test-0123456789"  # noqa: S105 - nobody's


def everything_below(root: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(root.rglob("*")) if path.is_file())


def test_rows_come_in_canonical_form_with_their_whole_origin(tmp_path: Path) -> None:
    with serving() as server:
        said = run_synth(make_synth_project(tmp_path, server.endpoint, revision="2026-11-01"))
    found = made(tmp_path)
    assert "12 of 12 rows in datasets/triage/synthetic/teacher.jsonl (12 new)" in said
    assert output(tmp_path).read_text(encoding="utf-8") == "".join(row.to_line() for row in found)
    assert len({row.id for row in found}) == 12
    real = {row.id: row.family for row in (example("train", at) for at in range(24))}
    for place, row in enumerate(found, 1):
        origin = row.origin
        assert origin is not None
        assert (origin.teacher, origin.revision, origin.licence) == ("teacher", "2026-11-01", "apache-2.0")
        assert re.fullmatch("[0-9a-f]{16}", origin.prompt_hash)
        assert origin.sampling == {
            "temperature": 0.8, "top_p": 1.0, "max_tokens": 1024, "response_format": "json_schema",
            "request": (place - 1) // 4, "seed": (place - 1) // 4,
        }  # fmt: skip
        assert len(origin.seeds) == 3
        assert row.family == real[origin.seeds[0]]
        assert origin.approved_by is None
        assert row.source.file == "synthetic/teacher.jsonl"
        assert row.source.line == place


def test_the_summary_is_short_and_says_that_nothing_trains_before_a_person_approved(tmp_path: Path) -> None:
    def script(body: Body, _number: int) -> Action:
        if body["seed"] < 5:
            return fails(400, f"never {body['seed']}")
        found = rows_for(body, 1)
        return rows([*found, *found])

    with serving(script) as server:
        said = run_synth(make_synth_project(tmp_path, server.endpoint, variations=2, price_in=1.0, max_cost=1.0))
    assert len(said.splitlines()) <= 15
    assert "gave up on 3 request(s) for other reasons" in said
    assert "not taken: 12 duplicate" in said
    assert "tokens in, 480 out, cost 0.0014 of max_cost 1" in said
    assert "nothing of this trains yet" in said
    assert "`tunegate review serve triage` shows them to a person; only approved ones train" in said
    assert "licence of its answers: apache-2.0" in said


@pytest.mark.parametrize(
    ("reported", "revision"),
    [
        ({}, None),
        ({"model": "teacher-2026-08-06"}, "teacher-2026-08-06"),
        ({"system_fingerprint": "fp_44709d6fcb"}, "fp_44709d6fcb"),
        ({"model": "teacher-2026-08-06", "system_fingerprint": "fp_1"}, "teacher-2026-08-06 fp_1"),
    ],
)
def test_what_the_endpoint_says_of_its_version_is_the_revision(
    tmp_path: Path, reported: dict[str, str], revision: str | None
) -> None:
    with serving(lambda body, _number: rows(rows_for(body, 4), **reported)) as server:
        said = run_synth(make_synth_project(tmp_path, server.endpoint))
    assert {row.origin.revision for row in made(tmp_path) if row.origin} == {revision}
    assert (f"teacher, revision {revision}, at" in said) == bool(revision)


def test_only_real_training_rows_are_shown_to_a_teacher(tmp_path: Path) -> None:
    """A validation or test row in a request would come back as training data."""
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint, rows=120)
        train = root / "build" / "data" / KEY / "train.jsonl"
        origin = Origin(teacher="earlier", prompt_hash="0" * 16, sampling={}, licence="mit")
        row = example("made", 1).model_copy(update={"origin": origin})
        write_examples(train, [*(example("train", at) for at in range(24)), row])
        run_synth(root)
        asked = "\n".join(turn["content"] for request in server.asked for turn in request.body["messages"])
    assert all(f"{at} of train is late" in asked for at in range(24))
    for other in ("of validation", "of test", "of made"):
        assert other not in asked


def test_the_same_command_again_asks_nothing_and_changes_nothing(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        run_synth(root)
        before = everything_below(root)
        said = run_synth(root)
        assert len(server.asked) == 3
        assert "12 of 12 rows" in said
        assert "(0 new)" in said
        assert everything_below(root) == before


def test_more_rows_wanted_later_are_added_and_the_old_requests_come_from_the_cache(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint, rows=10)
        run_synth(root)
        first = output(root).read_text(encoding="utf-8")
        run_synth(root, rows=22)
        assert len(server.asked) == 6
        assert output(root).read_text(encoding="utf-8").startswith(first)
        whole = make_synth_project(tmp_path / "whole", server.endpoint, rows=22)
        run_synth(whole)
        assert output(whole).read_bytes() == output(root).read_bytes()


def test_a_lost_output_comes_back_from_the_cache(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        run_synth(root)
        before = output(root).read_bytes()
        output(root).unlink()
        run_synth(root)
        assert len(server.asked) == 3
        assert output(root).read_bytes() == before


def test_a_request_that_was_given_up_is_asked_again_and_rows_that_are_there_stay(tmp_path: Path) -> None:
    broken = True

    def script(body: Body, number: int) -> Action:
        return fails(500) if broken and body["seed"] == 1 else good(body, number)

    with serving(script) as server:
        root = make_synth_project(tmp_path, server.endpoint)
        run_synth(root)
        first = output(root).read_text(encoding="utf-8")
        broken = False
        run_synth(root, rows=16)
        assert output(root).read_text(encoding="utf-8").startswith(first)
        assert len(made(root)) == 16
        assert {row.origin.sampling["request"] for row in made(root)[12:] if row.origin} == {1}


def test_another_instruction_asks_anew_and_keeps_what_is_there(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        run_synth(root)
        first = output(root).read_text(encoding="utf-8")
        run_synth(root, rows=20, instruction="Angry customers only.")
        assert len(server.asked) == 5
        assert "Angry customers only." in server.asked[-1].body["messages"][0]["content"]
        assert output(root).read_text(encoding="utf-8").startswith(first)
        assert len(made(root)) == 20


def test_a_row_that_another_teacher_wrote_is_a_duplicate(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        run_synth(root)
        output(root).rename(output(root, "other"))
        (root / "datasets" / KEY / "synthetic" / "hand.jsonl").write_text(
            '{"text": "no row of ours"}\n', encoding="utf-8"
        )
        said = run_synth(root, model="second")  # this server writes the same whatever it is called
    assert "12 of 12 rows" in said
    assert [line["code"] for line in rejected(root)] == ["duplicate"] * 12


def test_a_file_linked_into_the_cache_of_dvc_is_not_written_through(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        run_synth(root)
        cached = root / "cached-by-dvc"
        output(root).rename(cached)
        output(root).hardlink_to(cached)
        cached.chmod(0o444)
        before = cached.read_bytes()
        run_synth(root, rows=20)
    assert cached.read_bytes() == before
    assert len(made(root)) == 20


def test_a_line_that_was_cut_short_is_made_again_and_one_without_its_end_is_kept(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        run_synth(root)
        whole = output(root).read_bytes()
        for cut in (1, 30):
            output(root).write_bytes(whole[:-cut])
            run_synth(root, rows=12)
            run_synth(root, rows=13)
            assert output(root).read_bytes().startswith(whole)
            output(root).write_bytes(whole)


def test_rows_that_a_person_broke_are_named_with_their_line(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        run_synth(root)
        lines = output(root).read_text(encoding="utf-8").splitlines()
        lines[4] = lines[4].replace('"messages"', '"massages"')
        output(root).write_text("\n".join(lines) + "\n", encoding="utf-8")
        with pytest.raises(DataError, match=r"teacher\.jsonl:5: not an example"):
            run_synth(root, rows=20)


def test_an_answer_on_disk_that_something_else_broke_is_named(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        run_synth(root)
        broken = next((cache(root) / "answers").iterdir())
        broken.write_text("{", encoding="utf-8")
        with pytest.raises(DataError, match="not valid JSON") as found:
            run_synth(root, rows=20)
    assert str(broken) in found.value.next_step


def test_the_key_goes_into_one_header_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUNEGATE_TEACHER_KEY", f" {SECRET}\n")

    def script(body: Body, number: int) -> Action:
        if number == 3:
            return fails(401, f"Incorrect API key provided: {SECRET}")
        return good(body, number) if number else fails(500, f"who is {SECRET}?")

    with serving(script) as server:
        root = make_synth_project(tmp_path, server.endpoint, concurrency=1)
        with pytest.raises(ModelError) as found:
            run_synth(root)
        assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {SECRET}"}
    said = capfd.readouterr()
    assert "provided: ***" in found.value.message
    assert SECRET not in everything_below(tmp_path) + said.out + said.err + found.value.message
    assert len(made(root)) == 8


def test_without_a_key_there_is_no_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUNEGATE_TEACHER_KEY", raising=False)
    with serving() as server:
        run_synth(make_synth_project(tmp_path, server.endpoint))
        assert all("authorization" not in asked.headers for asked in server.asked)


@pytest.mark.parametrize("key", ["sk-\x00", "sk two", "clé", "a\nb"])
def test_a_key_that_no_header_may_hold_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(SettingsError) as found:
        key_of({"TUNEGATE_TEACHER_KEY": key})
    assert key not in found.value.message


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://user:pass@host/v1",
        "https://host/v1?key=secret",
        "https://host/v1#x",
        "http:///v1",
        "http://host:99999/v1",
    ],
)
def test_an_endpoint_is_an_address_and_nothing_else(tmp_path: Path, endpoint: str) -> None:
    root = make_synth_project(tmp_path, endpoint)
    with pytest.raises(SettingsError, match=r"adapters\.triage\.synth\.endpoint"):
        run_synth(root)
    assert not cache(root).exists()


def test_what_is_missing_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        shutil.rmtree(root / "datasets")
        with pytest.raises(DataError, match="datasets/triage: no such folder"):
            run_synth(root)
        (root / "datasets" / KEY).mkdir(parents=True)
        with pytest.raises(DataError, match=r"schema\.json: no such file"):
            run_synth(root)
        (root / "build" / "data" / KEY / "train.jsonl").unlink()
        with pytest.raises(DataError, match=r"train\.jsonl: no such file") as found:
            run_synth(root)
        assert "dvc repro prepare" in found.value.next_step
        assert server.asked == []


def test_a_dry_run_shows_one_request_and_the_cost_and_asks_and_writes_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        before = everything_below(root)
        dry_run(root, KEY, adapter_in(root, rows=400, price_in=0.15, price_out=0.6, max_cost=2.0), said.append)
        assert server.asked == []
        assert everything_below(root) == before
    page = said[0]
    assert "of train is late" in page
    assert "Write 4 new examples" in page
    assert "the whole: about 100 requests" in page
    assert "max_cost is 2.0; spent so far: 0.0000; nothing was asked now" in page
    about, most = (float(re.findall(rf"{word} (\d+\.\d+)", page)[0]) for word in ("cost", "more than"))
    assert 0 < about < most < 1


def test_a_system_turn_is_told_to_the_teacher_and_put_before_the_new_rows(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        path = root / "build" / "data" / KEY / "train.jsonl"
        told = [example("train", at).model_dump(mode="json", exclude_none=True) for at in range(24)]
        for row in told:
            row["messages"].insert(0, {"role": "system", "content": "Answer with JSON."})
        write_examples(path, [Example.model_validate(row) for row in told])
        run_synth(root)
        asked = server.asked[0].body["messages"]
    assert [turn["role"] for turn in asked] == ["user"]
    assert asked[0]["content"].count("Answer with JSON.") == 1
    assert all(row.messages[0].content == "Answer with JSON." for row in made(root))
    assert all([turn.role for turn in row.messages] == ["system", "user", "assistant"] for row in made(root))


@pytest.mark.parametrize(
    ("teacher", "name"),
    [
        ("gpt-4o", "gpt-4o.jsonl"),
        ("Qwen/Qwen2.5-72B-Instruct", "Qwen-Qwen2.5-72B-Instruct.jsonl"),
        ("../../etc/passwd", "etc-passwd.jsonl"),
        ("/", "teacher.jsonl"),
        (".hidden", "hidden.jsonl"),
        ("a\x00b c", "a-b-c.jsonl"),
    ],
)
def test_a_teacher_s_file_stands_in_the_folder_whatever_the_teacher_is_called(teacher: str, name: str) -> None:
    assert file_of(Path("datasets/triage"), teacher) == Path("datasets/triage/synthetic") / name


def test_multi_turn_rows_are_taken(tmp_path: Path) -> None:
    def longer(body: Body, _number: int) -> Action:
        found: list[Any] = rows_for(body, 4)
        for row in found:
            row["messages"] = [*chat("Hello?", "Yes?")["messages"], *row["messages"]]
        return rows(found)

    with serving(longer) as server:
        run_synth(make_synth_project(tmp_path, server.endpoint))
    assert all(len(row.messages) == 4 and json.loads(row.answer)["priority"] == "low" for row in made(tmp_path))
