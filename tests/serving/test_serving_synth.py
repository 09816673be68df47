"""`tunegate synth` against a real vLLM server. The example's base plays the teacher: nonsense, held to the form.

So what is tested is the protocol, provenance, cache and counts. Needs `.venv-serve/ready`; takes about two minutes.
"""

import json
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from synth_project import KEY, REPOSITORY, cache, made, make_synth_project, output, rejected

from tunegate.vllm.process import command, environment, wait_until_healthy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a vLLM server that serves the base as `teacher`."""
    root = tmp_path_factory.mktemp("teacher")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    content = {
        "model": str(REPOSITORY / "examples" / "support" / "base"),
        "served-model-name": "teacher",
        "host": "127.0.0.1",
        "port": port,
        "dtype": "float32",
        "max-model-len": 1024,
        # A model this weak, held to JSON, would fill its whole answer with the space that JSON allows.
        "structured-outputs-config": {"backend": "xgrammar", "disable_any_whitespace": True},
    }
    (root / "vllm.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command(REPOSITORY), "--config", "vllm.yaml"], cwd=root, env=environment(), stdout=log, stderr=log
        )
        try:
            wait_until_healthy(process, f"http://127.0.0.1:{port}/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def project(root: Path, server: str, **more: Any) -> Path:
    """A project whose prompts fit into the 1,024 tokens of this teacher, with answers of any text."""
    small = {"rows": 4, "variations": 1, "seeds": 1, "max_tokens": 200, "price_in": 0.5, "price_out": 1.5}
    make_synth_project(root, f"{server}/v1", **{**small, **more})
    content = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    content["adapters"][KEY]["prepare"] = {}
    (root / "params.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return root


def synth(root: Path) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "tunegate.cli", "synth", KEY]
    return subprocess.run(words, cwd=root, capture_output=True, text=True, check=False, timeout=300)


def answered(server: str) -> float:
    """Requests that the server has answered with text, by its own count."""
    with urllib.request.urlopen(f"{server}/metrics", timeout=30) as page:  # noqa: S310 - our own server
        counts = re.findall(r"^vllm:request_success_total\{.*\} ([0-9.e+]+)$", page.read().decode(), re.MULTILINE)
    return sum(map(float, counts))


def test_rows_come_with_their_origin_and_everything_else_is_kept_and_counted(server: str, tmp_path: Path) -> None:
    before = answered(server)
    root = project(tmp_path, server)
    done = synth(root)
    assert done.returncode in {0, 11}, done.stderr  # nonsense may fall short; then it says so
    rows, refused = made(root), rejected(root)
    answers = [json.loads(path.read_text(encoding="utf-8")) for path in (cache(root) / "answers").iterdir()]
    assert rows
    assert (done.returncode == 0) == (len(rows) == 4)
    assert f"{len(rows)} of 4 rows" in done.stdout

    # each request brought one row, or one line of what was refused; the server counts as many
    assert len(answers) == len(rows) + len(refused)
    assert answered(server) - before == len(answers)
    assert all(line["content"] for line in refused)
    assert {line["code"] for line in refused} <= {"truncated", "role_order", "empty_turn", "duplicate"}

    # the tokens are the server's own, the cost is theirs
    used = [answer["reply"]["tokens"] for answer in answers]
    prompt, completion = (sum(tokens[name] for tokens in used) for name in ("prompt", "completion"))
    assert f"{prompt:,} tokens in, {completion:,} out" in done.stdout
    assert f"cost {(prompt * 0.5 + completion * 1.5) / 10**6:.4f}" in done.stdout

    # vLLM names its version in system_fingerprint; it held the answers to the form
    for row in rows:
        assert row.origin is not None
        assert (row.origin.teacher, row.origin.licence) == ("teacher", "apache-2.0")
        assert (row.origin.revision or "").startswith("vllm-")
        assert row.origin.sampling["response_format"] == "json_schema"

    # the same command again: nothing is asked, nothing changes
    content = output(root).read_bytes()
    again = synth(root)
    assert again.returncode == done.returncode
    assert answered(server) - before == len(answers)
    assert output(root).read_bytes() == content
    assert rejected(root) == refused


def test_a_model_that_is_not_served_is_said_with_the_server_s_words(server: str, tmp_path: Path) -> None:
    done = synth(project(tmp_path, server, model="nobody"))
    assert done.returncode == 12
    assert "HTTP 404" in done.stderr
    assert "`nobody` does not exist" in done.stderr
    assert "correct synth.model or synth.endpoint" in done.stderr


def test_a_request_that_is_too_long_for_the_model_is_given_up_with_the_server_s_words(
    server: str, tmp_path: Path
) -> None:
    done = synth(project(tmp_path, server, max_tokens=2000, rows=1))
    assert done.returncode == 11
    assert "HTTP 400" in done.stdout
    assert "request fewer output tokens. (parameter=max_tokens, value=2000)" in done.stdout
    assert "0 of 1 rows" in done.stderr
