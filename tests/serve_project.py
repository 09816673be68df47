"""A repository with tagged releases for the tests of `serve`."""

import json
import shutil
import subprocess
from pathlib import Path

from serve_cases import ROOT

from tunegate.core.files import digest_tree
from tunegate.records.released import released
from tunegate.serve.plan import folder


class Project:
    """A repository with releases whose adapters lie verified where `serve fetch` puts them."""

    def __init__(self, root: Path) -> None:
        self.root, self.counter = root, 0
        self.git("init", "--quiet")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.com")
        (root / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
        (root / ".gitignore").write_text("/serving/\n", encoding="utf-8")
        self.git("add", ".")

    def git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.root, capture_output=True, check=True)

    def release(self, version: str, *, rank: int = 16, source: Path | None = None) -> None:
        """Release the adapter in the folder `source`, or one that only a stand-in for vLLM takes."""
        made = self.root / "serving" / version
        made.mkdir(parents=True)
        if source:
            shutil.copytree(source, made, dirs_exist_ok=True)
        else:
            (made / "adapter_config.json").write_text(json.dumps({"r": rank, "version": version}), encoding="utf-8")
        digest = digest_tree(made)
        self.git("commit", "--quiet", "--allow-empty", "-m", version)
        facts = f"released\n\nmethod: lora\nrank: {rank}\nadapter: {digest}\nbundle: {'b' * 32}.dir\n"
        self.git("tag", "-a", f"triage@v{version}", "-m", facts)
        target = self.root / folder(next(one for one in released(self.root) if one.version == version))
        target.parent.mkdir(parents=True, exist_ok=True)
        made.rename(target)

    def assign(self, stage: str, version: str) -> None:
        self.counter += 1
        self.git("tag", "-a", f"triage#{stage}#{self.counter}", "-m", "assigned", f"triage@v{version}^{{}}")

    def path(self, version: str) -> Path:
        return self.root / folder(next(one for one in released(self.root) if one.version == version))
