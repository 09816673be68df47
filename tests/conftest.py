"""What all tests share: golden files, refreshed with `--update-goldens` and reviewed in the diff."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Two workers with two torch threads each slow each other tenfold on two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TQDM_DISABLE", "1")

# A machine that others use too is slow now and then: that is no fault of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
GOLDENS = Path(__file__).parent / "goldens"
HAS_REAL_DATA = bool(os.environ.get("TUNEGATE_REAL_DATA"))


def pytest_report_header() -> str:
    return "real data: " + (os.environ["TUNEGATE_REAL_DATA"] if HAS_REAL_DATA else
                            "TUNEGATE_REAL_DATA is not set; tests/real_data is not collected")  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write tests/goldens anew; read the diff")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, text)` holds `text` against tests/goldens/name."""

    def compare(name: str, text: str) -> None:
        path = GOLDENS / name
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: run `make goldens` and read the diff"
        assert text == path.read_text(encoding="utf-8"), f"{path} differs: if it should, run `make goldens`"

    return compare


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random model for unit tests; read it, do not write to it."""
    from tiny_base import make_tiny_base

    return make_tiny_base(tmp_path_factory.mktemp("tiny-base"))
