"""The pages that a command writes are as the code says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_reference_of_params_is_up_to_date(tmp_path: Path) -> None:
    script = tmp_path / "render_params.py"
    script.write_text((ROOT / "docs" / "reference" / "render_params.py").read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run([sys.executable, str(script)], check=True)
    written = (tmp_path / "params.md").read_text(encoding="utf-8")
    assert written == (ROOT / "docs" / "reference" / "params.md").read_text(encoding="utf-8"), "run `make docs`"
