"""tunegate releases a fine-tuned LLM adapter only when the evidence says so.

Stages are packages (`prepare`, `train`, `evaluate`, `probe`, `gate`, `release`, `serve`); each is run as
`python -m tunegate.STAGE` by `dvc.yaml`, and they meet in files. `judge` decides, purely, from recorded
per-sample scores. Imports run one way: cli -> stages -> judge | models -> records -> core.
"""

__version__ = "0.1.0"
