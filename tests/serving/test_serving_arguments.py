"""What is handed to vLLM on its command line, and vLLM's own parser. Needs `.venv-serve/ready` before."""

import json
import subprocess

import pytest
import yaml
from serve_cases import CLUSTER, OWN, ROOT

from tunegate.serve.exporters import EXPORTERS
from tunegate.vllm.process import command, environment
from tunegate.vllm.settings import AS_EVALUATED

pytestmark = pytest.mark.slow
PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
found = make_arg_parser(FlexibleArgumentParser()).parse_args(sys.argv[1:])
names = ("override_generation_config", "max_model_len", "dtype", "tensor_parallel_size")
print(json.dumps([getattr(found, name) for name in names]))
"""


def test_kserves_words_mean_what_vllms_file_says() -> None:
    documents = yaml.safe_load_all(EXPORTERS["kserve"](OWN, CLUSTER)["llminferenceservice.yaml"])
    (main,) = next(documents)["spec"]["template"]["containers"]
    words = main["env"][0]["value"].split()  # as a shell splits them
    python = command(ROOT)[0]
    done = subprocess.run([python, "-c", PARSE, *words], env=environment(), capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == [AS_EVALUATED, CLUSTER.serve.max_model_len, CLUSTER.base.dtype, 2]
