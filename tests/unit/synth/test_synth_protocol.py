"""The client and an endpoint that misbehaves: real sockets, each misbehaviour has its consequence."""

import json
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth_project import QUICK, cache, made, make_synth_project, rejected, run_synth
from teacher_server import Action, Body, Script, chat, completion, fails, good, rows, rows_for, says, serving

from tunegate.core.errors import DataError, ModelError, TunegateError
from tunegate.endpoint.protocol import Again, Place, Refusal, understand, wait_of
from tunegate.endpoint.request import Reply

PLACE = Place("m at http://x", "TUNEGATE_TEACHER_KEY", "synth.model", "synth.endpoint")


def first_then_good(*actions: Action) -> Script:
    """The first requests are answered like this, all later ones well."""
    return lambda body, number: actions[number] if number < len(actions) else good(body, number)


def run(root: Path, script: Script, **more: Any) -> tuple[str, Any]:
    """Run with one request at a time against such a server."""
    with serving(script) as server:
        make_synth_project(root, server.endpoint, **{"concurrency": 1, **more})
        return run_synth(root), server


@pytest.mark.parametrize(
    "action",
    [
        fails(500, "out of memory"),
        fails(503),
        fails(529),
        fails(408),
        Action(pieces=(b"<html>Bad gateway</html>",)),
        Action(pieces=(b'{"choices": []}',)),
        Action(pieces=(b"\xff\xfe",)),
        Action(pieces=(b'{"choices": [{"message": {"content": 7}}]}',)),
        Action(pieces=(b'{"choi',)),
        Action(drop=True),
        Action(delay=3.0),  # longer than the patience of the test
    ],
    ids=lambda action: f"{action.status}-{b''.join(action.pieces)[:12]!r}-{action.drop}-{action.delay}",
)
def test_what_may_pass_is_tried_again_and_all_rows_come(tmp_path: Path, action: Action) -> None:
    said, server = run(tmp_path, first_then_good(action))
    assert len(server.asked) == 4
    assert "1 further tries" in said
    assert len(made(tmp_path)) == 12


def test_retry_after_is_honoured_and_holds_for_all_requests(tmp_path: Path) -> None:
    with serving(first_then_good(fails(429, "slow down", headers={"Retry-After": "1"}))) as server:
        run_synth(make_synth_project(tmp_path, server.endpoint, concurrency=1))
    first, second = server.asked[0].at, server.asked[1].at
    assert second - first >= 1.0


@pytest.mark.parametrize("code", [429, 503])
def test_a_wait_longer_than_ours_ends_the_run_and_says_when_to_come_back(tmp_path: Path, code: int) -> None:
    with serving(lambda _body, _number: fails(code, headers={"Retry-After": "3600"})) as server:
        root = make_synth_project(tmp_path, server.endpoint, concurrency=1)
        with pytest.raises(ModelError, match="asks to wait 3600 s"):
            run_synth(root)
        assert len(server.asked) == 1


def test_a_request_that_never_works_is_given_up_and_the_run_goes_on(tmp_path: Path) -> None:
    def script(body: Body, number: int) -> Action:
        return fails(500, "this one\x1b[31m not") if body["seed"] == 1 else good(body, number)

    with serving(script) as server:
        said = run_synth(make_synth_project(tmp_path, server.endpoint))
        assert "gave up on 1 request(s): HTTP 500: this one [31m not (3 tries)" in said
        assert len(made(tmp_path)) == 12
        assert sum(asked.number == 1 for asked in server.asked) == 3


def test_a_timeout_is_tried_only_twice_since_it_may_have_been_paid_for(tmp_path: Path) -> None:
    patience = QUICK._replace(answer=0.2, tries=5)
    with serving(lambda body, number: Action(delay=0.6) if body["seed"] == 0 else good(body, number)) as server:
        root = make_synth_project(tmp_path, server.endpoint)
        assert "no answer in 0 s (2 tries)" in run_synth(root, patience)
    assert sum(asked.number == 0 for asked in server.asked) == 2


def test_an_answer_that_trickles_for_ever_ends_with_our_patience(tmp_path: Path) -> None:
    drip = Action(pieces=tuple(b" " for _ in range(100)), pause=0.1)
    patience = QUICK._replace(answer=0.5)
    with serving(lambda body, number: drip if body["seed"] == 0 else good(body, number)) as server:
        root = make_synth_project(tmp_path, server.endpoint)
        assert "no answer in" in run_synth(root, patience)


def test_a_huge_answer_is_cut_off_and_not_read_into_memory(tmp_path: Path) -> None:
    huge = Action(pieces=(b"x" * (1 << 20),) * 40)
    with serving(lambda body, number: huge if body["seed"] == 0 else good(body, number)) as server:
        said = run_synth(make_synth_project(tmp_path, server.endpoint))
    assert "an answer of more than 16 MB (2 tries)" in said
    assert len(made(tmp_path)) == 12


@pytest.mark.parametrize(
    ("action", "said", "step"),
    [
        (fails(401, "Incorrect API key provided: sk-secret"), "HTTP 401: Incorrect API key", "TUNEGATE_TEACHER_KEY"),
        (fails(403, "no access"), "HTTP 403: no access", "ask for access"),
        (fails(404, "The model `teacher` does not exist"), "HTTP 404: The model", "synth.model or synth.endpoint"),
        (Action(404, (b"<html><h1>Not found</h1></html>",)), "HTTP 404: Not found", "synth.endpoint"),
        (fails(402, "Insufficient balance"), "HTTP 402", "balance"),
        (fails(429, "You exceeded your quota", code="insufficient_quota"), "exceeded your quota", "quota or billing"),
        (Action(307, headers={"Location": "http://elsewhere.invalid/"}), "HTTP 307", "synth.endpoint"),
        (Action(405, (b'{"detail": "Method Not Allowed"}',)), "Method Not Allowed", "synth.endpoint"),
    ],
)
def test_what_cannot_pass_ends_the_run_with_what_where_and_the_next_step(
    tmp_path: Path, action: Action, said: str, step: str
) -> None:
    with serving(lambda _body, _number: action) as server:
        root = make_synth_project(tmp_path, server.endpoint, concurrency=1)
        with pytest.raises(ModelError) as found:
            run_synth(root)
        assert len(server.asked) == 1
    assert found.value.message.startswith("0 of 12 rows: teacher at http://127.0.0.1")
    assert said in found.value.message
    assert step in found.value.next_step


def test_a_host_that_nobody_listens_on_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        root = make_synth_project(tmp_path, endpoint)
        with pytest.raises(ModelError, match="cannot reach the endpoint") as found:
            run_synth(root)
    assert "check synth.endpoint" in found.value.next_step
    with pytest.raises(ModelError, match="cannot reach the endpoint"):
        run_synth(root, endpoint="https://does-not-exist.invalid/v1")


@pytest.mark.parametrize("complaint", [{"param": "response_format"}, {}, {"message": "guided decoding is off"}])
@pytest.mark.parametrize("status", [400, 422])
def test_an_endpoint_without_structured_output_is_asked_without(
    tmp_path: Path, complaint: dict[str, str], status: int
) -> None:
    def script(body: Body, number: int) -> Action:
        error = Action(status, (json.dumps({"error": {"message": "not supported", **complaint}}).encode(),))
        return error if "response_format" in body else good(body, number)

    said, server = run(tmp_path, script)
    assert len(server.asked) == 4  # asked anew once; later requests know
    assert "the endpoint takes no response_format: asked without" in said
    assert all(row.origin and "response_format" not in row.origin.sampling for row in made(tmp_path))


def test_a_model_that_takes_other_parameters_gets_those_and_the_rows_say_so(tmp_path: Path) -> None:
    """As the o-series of OpenAI does it."""

    def script(body: Body, number: int) -> Action:
        if "max_tokens" in body:
            return fails(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.", param="max_tokens")
        if "temperature" in body:
            return fails(400, "'temperature' does not support 0.8 with this model.", param="temperature")
        return good(body, number)

    _, server = run(tmp_path, script)
    assert len(server.asked) == 5
    assert server.asked[-1].body["max_completion_tokens"] == 1024
    origin = made(tmp_path)[-1].origin
    assert origin is not None
    assert origin.sampling == {
        "max_completion_tokens": 1024, "request": 2, "response_format": "json_schema", "seed": 2, "top_p": 1.0,
    }  # fmt: skip


def test_a_request_that_is_too_long_is_given_up_and_changes_nothing_for_the_others(tmp_path: Path) -> None:
    def script(body: Body, number: int) -> Action:
        too_long = "This model's maximum context length is 100 tokens; max_tokens=1024 is too large"
        return fails(400, too_long) if body["seed"] == 0 else good(body, number)

    said, server = run(tmp_path, script)
    assert "gave up on 1 request(s): HTTP 400: This model's maximum context length" in said
    assert "takes no" not in said
    assert all("response_format" in asked.body and "max_tokens" in asked.body for asked in server.asked[3:])


def test_answers_that_hold_no_rows_are_kept_and_counted(tmp_path: Path) -> None:
    answers = [
        says("I would rather not.", refusal="I would rather not."),
        says(None, finish_reason="content_filter"),
        says(""),
        says('{"rows": [{"messages": [{"role": "us', finish_reason="length"),
        says("Certainly! Which ticket?"),
        says('{"rows": []}'),
    ]
    said, _ = run(tmp_path, first_then_good(*answers), rows=16)
    codes = ["refusal", "refusal", "empty", "truncated", "not_json", "no_rows"]
    assert [line["code"] for line in rejected(tmp_path)] == codes
    assert rejected(tmp_path)[4]["content"] == "Certainly! Which ticket?"
    assert "not taken: 2 refusal, 1 empty, 1 truncated, 1 not_json, 1 no_rows; kept in .cache" in said
    assert len(list((cache(tmp_path) / "answers").iterdir())) == 10


def test_rows_that_may_not_stay_are_kept_and_counted(tmp_path: Path) -> None:
    good_answer = '{"product": "phone"}'
    found: list[Any] = [
        chat("A new one", good_answer),
        chat("a NEW  one", good_answer),
        chat("please HELP.  The camera 4 of train is late.", '{"product": "camera", "priority": "low"}'),
        chat("Other", "the phone"),
        chat("Other", '{"product": "spoon"}'),
        chat("Other", ""),
        {"messages": [{"role": "assistant", "content": "hello"}]},
        chat("half \ud800", good_answer),
        "no row at all",
        chat("one more", good_answer),
        chat("too much", good_answer),
    ]  # fmt: skip
    script = first_then_good(says("```json\n" + json.dumps({"rows": found}) + "\n```"))
    run(tmp_path, script, rows=12, variations=10)
    codes = [line["code"] for line in rejected(tmp_path) if line["number"] == 0]
    assert codes == [
        "duplicate", "copies_real", "schema_invalid", "schema_invalid", "empty_turn", "role_order", "encoding", "form",
        "surplus",
    ]  # fmt: skip
    assert [row.messages[0].content for row in made(tmp_path)][:2] == ["A new one", "one more"]


def test_labels_are_held_against_answers(tmp_path: Path) -> None:
    from synth_project import adapter_in

    from tunegate.synth.stage import synth

    script = first_then_good(rows([chat("a", "spam"), chat("b", "Spam?"), chat("c", " ham "), chat("d", "eggs")]))
    with serving(script) as server:
        root = make_synth_project(tmp_path, server.endpoint, rows=2, concurrency=1)
        adapter = adapter_in(root)
        prepare = adapter.prepare.model_copy(update={"answer_schema": None, "labels": ("spam", "ham")})
        synth(root, "triage", adapter.model_copy(update={"prepare": prepare}), print, QUICK)
    assert [line["code"] for line in rejected(root)] == ["label_unknown", "label_unknown"]
    assert 'exactly one of: ["spam","ham"]' in server.asked[0].body["messages"][0]["content"]


def test_ten_requests_without_a_row_are_enough(tmp_path: Path) -> None:
    with serving(lambda _body, _number: says("no")) as server:
        root = make_synth_project(tmp_path, server.endpoint, rows=400, concurrency=1)
        with pytest.raises(DataError, match="0 of 400 rows: 10 requests in a row brought no row"):
            run_synth(root)
        assert len(server.asked) == 10


def test_a_teacher_of_mostly_bad_rows_is_asked_three_times_as_often_and_no_more(tmp_path: Path) -> None:
    with serving(lambda body, _number: rows([*rows_for(body, 1), {}, {}, {}])) as server:
        root = make_synth_project(tmp_path, server.endpoint, rows=20)
        with pytest.raises(DataError, match="15 of 20 rows came of 15 requests"):
            run_synth(root)
        assert len(server.asked) == 15
    assert len(made(root)) == 15


def test_no_more_at_once_than_allowed_and_no_request_that_is_not_needed(tmp_path: Path) -> None:
    def slow(body: Body, number: int) -> Action:
        action = good(body, number)
        action.delay = 0.05 + 0.1 * (number % 3 == 0)
        return action

    with serving(slow) as server:
        run_synth(make_synth_project(tmp_path, server.endpoint, rows=50, concurrency=5))
        assert server.most_at_once == 5
        assert len(server.asked) == 13


def test_requests_a_minute_are_spread_evenly(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint, rows=20)
        run_synth(root, requests_per_minute=300)
        gaps = [later.at - former.at for former, later in zip(server.asked, server.asked[1:], strict=False)]
        assert len(gaps) == 4
        assert all(gap > 0.15 for gap in gaps)
        assert sum(gaps) >= 0.75


def outcome(status: int, headers: dict[str, str], body: bytes) -> Reply | Again | Refusal | TunegateError:
    """What an answer means, errors included; anything else comes through."""
    try:
        return understand(status, headers, body, PLACE)
    except TunegateError as error:
        return error


HEADERS = st.dictionaries(st.just("retry-after"), st.text())
NAMES = ["choices", "message", "content", "usage", "prompt_tokens", "error", "param", "code", "detail"]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
)


@given(st.integers(100, 599), HEADERS, st.binary() | ANY.map(lambda value: json.dumps(value).encode()))
def test_no_answer_of_any_server_is_a_traceback(status: int, headers: dict[str, str], body: bytes) -> None:
    found = outcome(status, headers, body)
    if isinstance(found, TunegateError):
        assert found.next_step
        assert found.message.isprintable()
    elif not isinstance(found, Reply):
        assert found.reason.isprintable()


@given(st.text() | st.lists(st.dictionaries(st.sampled_from(["type", "text"]), st.text())))
def test_content_as_parts_and_half_surrogates_come_as_text(content: Any) -> None:
    found = understand(200, {}, json.dumps(completion(content)).encode(), PLACE)
    assert isinstance(found, Reply)
    assert isinstance(found.content, str)
    assert found.content.encode("utf-8") is not None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("2.5", 2.5),
        ("soon", None),
        ("", None),
        ("-1", None),
        ("nan", None),
        ("9" * 400, None),
        (None, None),
    ],
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert wait_of(value) == seconds


def test_retry_after_as_a_date() -> None:
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert wait_of(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90.0
    assert wait_of(format_datetime(now - timedelta(seconds=90), usegmt=True), now) == 0.0
