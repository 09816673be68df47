"""A whole model as a folder that a server loads: safetensors, configuration, tokenizer, template; nothing else."""

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

KEPT = {".json", ".safetensors", ".jinja"}


def write_whole(model: Any, tokenizer: Any, out: Path) -> None:
    """Write model and tokenizer to the folder `out`; a killed run leaves only a hidden folder beside it."""
    from tunegate.models.runtime import quiet_bars, without_bars

    quiet_bars()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        folder = Path(name)
        with without_bars(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Attempting to save a model with offloaded")  # compressed-tensors
            model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        for path in sorted(folder.iterdir()):
            if path.suffix in KEPT:
                shutil.move(path, out / path.name)
