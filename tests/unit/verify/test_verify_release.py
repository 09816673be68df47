"""`tunegate verify` on real releases: one that is whole passes; each way to harm one is told, and named."""

import json
import os
import pickle
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
import signed_release as project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signed_release import KEY, OUT, TODAY, git

from tunegate.core.errors import ReleaseRefused, SettingsError, UsageError
from tunegate.core.files import digest_file, file_digests, write_text
from tunegate.records.manifest import SUMS, sums
from tunegate.records.release_keys import keygen
from tunegate.verify.finding import Finding
from tunegate.verify.run import report, verify, write_signature

TAG = f"{KEY}@v1.0.0"
ADAPTER = OUT / "adapter" / "adapter_model.safetensors"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One signed release."""
    root, back = tmp_path_factory.mktemp("signed"), Path.cwd()
    os.chdir(root)
    try:
        project.start()
        assert f"released {TAG}, signed (the first release)" in project.make()
    finally:
        os.chdir(back)
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to harm, as the current folder."""
    copy = Path(shutil.copytree(built, tmp_path / "copy"))
    monkeypatch.chdir(copy)
    return copy


def faults(tag: str = TAG, today: date = TODAY) -> dict[str, str]:
    """The checks that do not hold."""
    return {one.check: one.detail for one in verify(Path(), tag, today, OUT) if not one.passed}


def rewrite_lists() -> None:
    """Make manifest and sums fit the files, as somebody would who has read the code."""
    files = {name: digest for name, digest in file_digests(OUT).items() if name not in ("manifest.json", SUMS)}
    manifest = json.loads((OUT / "manifest.json").read_text(encoding="utf-8"))
    write_text(OUT / "manifest.json", json.dumps({**manifest, "files": files}))
    write_text(OUT / SUMS, sums({**files, "manifest.json": digest_file(OUT / "manifest.json")}))


def retag(text: str, commit: str = "HEAD") -> None:
    """Make the tag anew."""
    git("tag", "--force", "--annotate", "--cleanup=verbatim", "--message", text, TAG, commit)


def text_of(tag: str = TAG) -> str:
    """The tag's whole annotation."""
    return git("for-each-ref", f"refs/tags/{tag}", "--format=%(contents)") + "\n"


@pytest.mark.usefixtures("root")
def test_a_whole_release_passes_every_check() -> None:
    findings = verify(Path(), TAG, TODAY, OUT)
    assert [one.check for one in findings] == ["tag", "signature", "facts", "bundle", "safe", "files", "verdict"]
    assert all(one.passed for one in findings), report(TAG, findings, as_json=False)
    assert "over tag, commit, text and" in findings[1].detail
    said = json.loads(report(TAG, findings, as_json=True))
    assert said["verified"] is True
    done = subprocess.run(["sha256sum", "--check", "--quiet", SUMS], cwd=OUT, check=False, capture_output=True)
    assert done.returncode == 0


@pytest.mark.usefixtures("root")
def test_one_byte_of_the_adapter() -> None:
    content = bytearray(ADAPTER.read_bytes())
    content[-1] ^= 1
    ADAPTER.write_bytes(content)
    found = faults()
    for check in ("signature", "files"):
        assert found[check].startswith("adapter/adapter_model.safetensors has other bytes than ")
    assert "about another adapter" in found["verdict"]
    rewrite_lists()
    assert faults().keys() == {"signature", "bundle", "verdict"}


@pytest.mark.usefixtures("root")
def test_an_altered_card_with_all_lists_rewritten() -> None:
    write_text(OUT / "README.md", "The best model there is.\n")
    rewrite_lists()
    found = faults()
    assert "README.md has other bytes" in found["signature"]
    assert found["bundle"].startswith("this bundle is ")


@pytest.mark.usefixtures("root")
def test_the_verdict_of_another_run() -> None:
    other = json.loads((OUT / "verdict.json").read_text(encoding="utf-8"))
    other["inputs"]["candidate"] = "0" * 64
    write_text(OUT / "verdict.json", json.dumps(other))
    rewrite_lists()
    assert "decided from other scores than those in the bundle" in faults()["verdict"]


@pytest.mark.usefixtures("root")
def test_a_tag_that_points_elsewhere() -> None:
    signed = git("rev-parse", f"{TAG}^{{}}")
    git("commit", "-q", "--allow-empty", "-m", "later")
    retag(text_of())
    assert faults() == {"signature": f"commit is {git('rev-parse', 'HEAD')} than was signed: {signed}"}


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("before", "after"),
    [("exact_match 0.900", "exact_match 0.999"), ("score-exact-match: 0.9", "score-exact-match: 0.99")],
)
def test_an_edited_annotation(before: str, after: str) -> None:
    assert before in text_of()
    retag(text_of().replace(before, after))
    assert "the tag's text is another one than was signed" in faults()["signature"]


@pytest.mark.usefixtures("root")
def test_lines_behind_the_signature_say_nothing() -> None:
    retag(text_of() + "bundle: evil\nadapter: evil\n")
    assert faults() == {}


@pytest.mark.usefixtures("root")
def test_a_signature_taken_from_another_release() -> None:
    project.make(2)
    other = text_of(f"{KEY}@v1.1.0").partition("\nsignature: ")[2]
    retag(text_of().partition("\nsignature: ")[0] + "\nsignature: " + other, f"{TAG}^{{}}")
    said = faults()["signature"]
    assert f"tag is {TAG} than was signed: {KEY}@v1.1.0" in said


@pytest.mark.usefixtures("root")
def test_a_foreign_key_and_none(monkeypatch: pytest.MonkeyPatch) -> None:
    keygen(Path("kept-key"))
    project.demand("kept-key.pub")
    assert "signed by a key that release_signers does not list" in faults()["signature"]
    project.demand()
    assert (
        "which nothing here lists"
        in next(one for one in verify(Path(), TAG, TODAY, OUT) if one.check == "signature").detail
    )
    project.demand("key.pub")
    retag(text_of().partition("\nsignature: ")[0] + "\n")
    assert faults() == {"signature": "not signed, and release_signers demands it"}
    monkeypatch.setenv("TUNEGATE_RELEASE_KEY", "kept-key")
    with pytest.raises(SettingsError, match="the key that is here is none of them"):
        project.make(3, signed=False)
    assert git("tag") == TAG


@pytest.mark.usefixtures("root")
def test_no_key_where_one_is_demanded_makes_no_tag() -> None:
    with pytest.raises(SettingsError, match=r"release_signers demands a signature of one of key\.pub; no key is here"):
        project.make(2, signed=False)
    assert git("tag") == TAG


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("name", ["adapter/weights.bin", "adapter/more.safetensors", "notes.json"])
def test_a_pickle_under_any_name_is_found_and_never_loaded(name: str, tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "harmed"),)

    (OUT / name).write_bytes(pickle.dumps(Harm()))
    rewrite_lists()
    assert name in faults()["safe"]
    assert not (tmp_path / "harmed").exists()


@pytest.mark.usefixtures("root")
def test_a_link_ends_the_reading(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (OUT / "notes.txt").symlink_to(tmp_path / "secret")
    assert faults() == {"safe": "notes.txt is a link"}


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("name", ["../../../outside", "/etc/hostname"])
def test_a_path_that_leaves_the_bundle_is_only_a_missing_file(name: str) -> None:
    Path("outside").write_text("x", encoding="utf-8")
    manifest = json.loads((OUT / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = "0" * 64
    write_text(OUT / "manifest.json", json.dumps(manifest))
    assert f"{name} is missing" in faults()["files"]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("name", ["../x@v1.0.0", "triage@v1", "triage@v9.9.9", "x; rm -rf /@v1.0.0"])
def test_a_name_that_is_no_release(name: str) -> None:
    with pytest.raises(UsageError, match=r"no such release; there is triage@v1\.0\.0"):
        verify(Path(), name, TODAY, OUT)


def test_a_waiver_counts_as_of_the_tag_and_its_end_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    project.start()
    today = date.today()  # noqa: DTZ011 - the stage signs with today's date
    end = today + timedelta(days=3)
    waiver = {"gate": "floor/schema_valid", "reason": "a known fault of the schema", "by": "Ada"}
    project.waive({**waiver, "expires": end.isoformat()})
    project.make(valid=0.9)
    assert faults(today=today) == {}
    later = next(one for one in verify(Path(), TAG, end + timedelta(days=1), OUT) if one.check == "verdict")
    assert later.passed
    assert later.detail.endswith("PASS; the waiver of floor/schema_valid has ended since")
    manifest = json.loads((OUT / "manifest.json").read_text(encoding="utf-8"))
    manifest["policy"]["waivers"][0]["expires"] = (today - timedelta(days=1)).isoformat()
    write_text(OUT / "manifest.json", json.dumps(manifest))
    assert "the scores say FAIL" in faults(today=today)["verdict"]


@pytest.mark.usefixtures("root")
def test_a_bundle_of_nothing() -> None:
    (OUT / "manifest.json").unlink()
    with pytest.raises(ReleaseRefused, match=r"manifest\.json: no such file"):
        verify(Path(), TAG, TODAY, OUT)
    with pytest.raises(UsageError, match="no such folder"):
        verify(Path(), TAG, TODAY, Path("nowhere"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_byte_of_any_file(root: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(path for path in (root / OUT).rglob("*") if path.is_file())))
    whole = path.read_bytes()
    at, bits = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ bits]) + whole[at + 1 :])
    try:
        assert faults()
    except ReleaseRefused as refusal:
        assert "manifest.json" in refusal.message  # noqa: PT017 - either way it is told
    finally:
        path.write_bytes(whole)


@pytest.mark.usefixtures("root")
def test_the_signature_for_other_tools() -> None:
    assert "OpenSSF" in write_signature(Path(), TAG, Path("model.sig"))
    bundle = json.loads(Path("model.sig").read_text(encoding="utf-8"))
    assert bundle["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    retag("data x\n\nmethod: lora\n")
    with pytest.raises(UsageError, match="is not signed"):
        write_signature(Path(), TAG, Path("other.sig"))


def test_a_finding_names_five_faults_and_counts_the_rest() -> None:
    from tunegate.verify.finding import found

    assert found("files", list("abcdefg"), "") == Finding("files", False, "a; b; c; d; e; and 2 more")
