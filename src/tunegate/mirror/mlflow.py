"""An MLflow server's model registry: versions with their bundles, and aliases.

https://mlflow.org/docs/latest/ml/model-registry: a version has a number, a source in a run's artifacts, tags, and no
bytes that MLflow itself guards; an alias names one version.
"""

from pathlib import Path
from typing import Any

from tunegate.core.errors import ReleaseRefused
from tunegate.mirror.client import connect, spoken, unless_there
from tunegate.mirror.difference import Copy, There
from tunegate.mirror.words import BUNDLE, TAG, Words
from tunegate.records.released import Released

EXPERIMENT = "tunegate"
FOLDER = "bundle"
MARK = "tunegate.mirror"  # a model that we made


class Mlflow:
    """The registry of one server; `prefix`: what the names of our models begin with there.

    Raises, in all it does:
        MachineError: the server does not answer, or says no; the message is its own.
        ReleaseRefused: a model of ours would have the name of somebody else's.
    """

    def __init__(self, uri: str, prefix: str = "") -> None:
        self._client, self._prefix = connect(uri), prefix

    def there(self, key: str) -> There:
        """What it has of one adapter. Of two copies of one tag the first counts."""
        with spoken():
            copies: dict[str, Copy] = {}
            for one in sorted(self._versions(key), key=lambda one: int(one.version)):
                if TAG in one.tags:
                    copies.setdefault(one.tags[TAG], Copy(int(one.version), one.tags.get(BUNDLE, "")))
            model = self._model(key)
            aliases = {str(name): int(number) for name, number in model.aliases.items()} if model else {}
            return There(copies, aliases)

    def _model(self, key: str) -> Any:
        """The model that the versions are of, or None."""
        name = self._prefix + key
        found = self._client.search_registered_models(f"name = '{name}'")
        if found and MARK not in found[0].tags:
            step = "name ours otherwise (--prefix), or give that one to us: set its tag tunegate.mirror"
            raise ReleaseRefused(f"MLflow has a model {name} that was not made by tunegate", next_step=step)
        return found[0] if found else None

    def add(self, version: Released, bundle: Path, words: Words) -> int:
        """Copy one version: a run with its files and scores, then the version that names them; its number.

        Killed on the way it leaves a run without a version, which the next try fills. Of two that copy the same version
        at once the first stays.
        """
        with spoken():
            self._make(version.key)
            run = self._run(version, words)
            self._client.log_artifacts(run, str(bundle), FOLDER)
            for name, value in words.metrics.items():
                self._client.log_metric(run, name, value)
            self._client.set_terminated(run)
            made = self._client.create_model_version(
                self._prefix + version.key, f"runs:/{run}/{FOLDER}", run, words.tags,
                description=words.description, await_creation_for=None,
            )  # fmt: skip
            return self._first(version, made)

    def _first(self, version: Released, made: Any) -> int:
        """The number of the first copy; ours goes if it is another."""
        same = [one for one in self._versions(version.key) if one.tags.get(TAG) == version.tag]
        first = min(same, key=lambda one: int(one.version))
        if first.version != made.version:
            self._client.delete_model_version(made.name, made.version)
            if first.run_id != made.run_id:
                self._client.delete_run(made.run_id)
        return int(first.version)

    def alias(self, key: str, name: str, number: int) -> None:
        """Let an alias name one version."""
        with spoken():
            self._client.set_registered_model_alias(self._prefix + key, name, str(number))

    def _make(self, key: str) -> None:
        if not self._model(key):
            text = "Copies of what tunegate released. The tags of its Git repository are the registry."
            with unless_there():
                self._client.create_registered_model(self._prefix + key, {MARK: key}, text)

    def _run(self, version: Released, words: Words) -> str:
        """The run that a try before this one left, or a new one."""
        experiment = self._experiment()
        left = self._client.search_runs([experiment], f"tags.`{TAG}` = '{version.tag}'")
        taken = {one.run_id for one in self._versions(version.key)}
        for run in left:
            if run.info.run_id not in taken and run.data.tags.get(BUNDLE) == words.tags[BUNDLE]:
                return str(run.info.run_id)
        made = self._client.create_run(experiment, run_name=version.tag, tags=words.tags)
        return str(made.info.run_id)

    def _experiment(self) -> str:
        with unless_there():
            self._client.create_experiment(EXPERIMENT)
        return str(self._client.get_experiment_by_name(EXPERIMENT).experiment_id)

    def _versions(self, key: str) -> list[Any]:
        found, token = [], None
        while token is None or token:
            page = self._client.search_model_versions(f"name = '{self._prefix}{key}'", page_token=token)
            found += list(page)
            token = page.token or ""
        return found
