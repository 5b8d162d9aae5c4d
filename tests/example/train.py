"""Trains every version of the example registry and writes what came out.

    python train.py OUT

writes OUT/artifacts/MODEL/VERSION/... and OUT/spec.json, from which `build.py` makes the registry's files. Seeds,
thread counts and library versions are fixed, so on one kind of machine the same bytes come out every time. The sizes
and digests in the example registry are those of one such run; another kind of machine may give other bytes. Metrics
are rounded to six digits; the time that training took is left out, for it differs from run to run.
"""

import hashlib
import inspect
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn import datasets, metrics
from sklearn.base import BaseEstimator
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch, all_estimators
from threadpoolctl import threadpool_limits

from recipes import ROWS, TASKS, Recipe, Task

SEED = 20220128
ESTIMATORS: dict[str, type[BaseEstimator]] = dict(all_estimators())
# An image is one tensor, not 64 columns.
TENSORS = {"digits"}
OUTPUTS = {"classes": "long", "screening": "long", "number": "double", "clusters": "integer"}


def make(recipe: Recipe) -> BaseEstimator:
    """The untrained estimator of a recipe."""
    kind = ESTIMATORS[recipe.estimator]
    accepted = inspect.signature(kind).parameters
    fixed = {name: value for name, value in {"random_state": SEED, "n_jobs": 1}.items() if name in accepted}
    estimator = kind(**recipe.params, **fixed)
    return make_pipeline(StandardScaler(), estimator) if recipe.scaler else estimator


def evaluate(task: Task, trained: BaseEstimator, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """What the trained model shows on the rows that no version was trained on."""
    predicted = trained.predict(x)
    match task.kind:
        case "classes":
            return {
                "accuracy": metrics.accuracy_score(y, predicted),
                "f1_macro": metrics.f1_score(y, predicted, average="macro", zero_division=0),
            }
        case "screening":
            return {
                "accuracy": metrics.accuracy_score(y, predicted),
                "precision": metrics.precision_score(y, predicted, zero_division=0),
                "recall": metrics.recall_score(y, predicted),
                "roc_auc": metrics.roc_auc_score(y, trained.predict_proba(x)[:, 1]),
            }
        case "number":
            return {
                "mae": metrics.mean_absolute_error(y, predicted),
                "r2": metrics.r2_score(y, predicted),
                "rmse": metrics.root_mean_squared_error(y, predicted),
            }
        case _:
            return {
                "adjusted_rand": metrics.adjusted_rand_score(y, predicted),
                "silhouette": metrics.silhouette_score(x, predicted),
            }


def cross_validate(task: Task, recipe: Recipe, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """The mean score over five parts of the very rows that the version was trained on, biased or not."""
    if task.kind == "clusters":
        return {}
    if task.kind == "number":
        name, scoring, folds = "cv_r2", "r2", KFold(5, shuffle=True, random_state=SEED)
    else:
        name, scoring, folds = "cv_accuracy", "accuracy", StratifiedKFold(5, shuffle=True, random_state=SEED)
    return {name: float(np.mean(cross_val_score(make(recipe), x, y, cv=folds, scoring=scoring, n_jobs=1)))}


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def table_digest(columns: Iterable[str], x: np.ndarray, y: np.ndarray) -> str:
    """SHA-256 of the rows as CSV: a header, then each row's columns and target, numbers as Python writes them."""
    lines = [",".join([*columns, "target"])]
    lines += [",".join(repr(float(cell)) for cell in [*row, label]) for row, label in zip(x, y, strict=True)]
    return sha256("".join(line + "\n" for line in lines).encode())


def run_id(model: str, version: int) -> str:
    """An id as a tracking server gives its runs; here made from the names, so that it stays the same."""
    return hashlib.sha256(f"run {model} {version}".encode()).hexdigest()[:32]


def manifest(folder: Path) -> dict[str, Any]:
    """Size and digest of each file, and the root digest over them in the order of their paths."""
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).parts):
        if path.is_file():
            data = path.read_bytes()
            rows.append({"path": path.relative_to(folder).as_posix(), "size": len(data), "digest": sha256(data)})
    raw = b"".join(bytes.fromhex(row["digest"].removeprefix("sha256:")) for row in rows)
    return {"flavor": "sklearn", "size": sum(row["size"] for row in rows), "digest": sha256(raw), "files": rows}


def write_artifact(folder: Path, trained: BaseEstimator, run: str, columns: list[str], example: np.ndarray) -> None:
    """The files of a version, in the form of an MLflow model."""
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(trained, folder / "model.joblib", protocol=5)
    (folder / "MLmodel.yaml").write_text(
        f"run_id: {run}\n"
        "flavors:\n"
        "  sklearn:\n"
        "    pickled_model: model.joblib\n"
        "    serialization_format: joblib\n"
        f"    sklearn_version: {sklearn.__version__}\n"
        "saved_input_example_info:\n"
        "  artifact_path: input_example.json\n"
        "  type: dataframe\n",
        newline="\n",
    )
    pins = "".join(f"{m.__name__.replace('sklearn', 'scikit-learn')}=={m.__version__}\n" for m in (joblib, np, sklearn))
    (folder / "requirements.txt").write_text(pins, newline="\n")
    rows = {"columns": columns, "data": example.tolist()}
    (folder / "input_example.json").write_text(json.dumps(rows) + "\n", newline="\n")


def signature(task: Task, columns: list[str]) -> dict[str, Any]:
    """What the model takes and gives."""
    if task.dataset in TENSORS:
        inputs: list[dict[str, Any]] = [{"type": "double", "shape": [-1, len(columns)]}]
    else:
        inputs = [{"name": column, "type": "double"} for column in columns]
    return {"inputs": inputs, "outputs": [{"type": OUTPUTS[task.kind], "shape": [-1]}]}


def train(model: str, task: Task, out: Path) -> list[dict[str, Any]]:
    """Trains the versions of a model; what came out, in the order of their numbers."""
    data: Bunch = getattr(datasets, f"load_{task.dataset}")()
    columns = [str(name) for name in data.feature_names]
    labels = task.target(data)
    classes = None if task.kind == "number" else labels
    x, test_x, y, test_y = train_test_split(
        data.data, labels, test_size=task.holdout, random_state=SEED, stratify=classes
    )
    name = task.dataset.replace("_", "-")
    versions = []
    for version, recipe in enumerate(task.recipes, start=1):
        mask = ROWS[recipe.rows](x, y)
        seen_x, seen_y = x[mask], y[mask]
        trained = make(recipe).fit(seen_x, seen_y)
        measured = evaluate(task, trained, test_x, test_y) | cross_validate(task, recipe, seen_x, seen_y)
        folder, run = out / "artifacts" / model / str(version), run_id(model, version)
        write_artifact(folder, trained, run, columns, test_x[:2])
        part = "train" if recipe.rows == "all" else f"train-{recipe.rows}"
        fixed: dict[str, Any] = {
            "estimator": recipe.estimator,
            "scaler": "standard" if recipe.scaler else "none",
            "seed": SEED,
            "train_rows": int(mask.sum()),
            "test_rows": len(test_y),
        }
        versions.append(
            {
                "version": version,
                "artifact": manifest(folder),
                "run_id": run,
                "datasets": [
                    {"name": f"{name}-{part}", "digest": table_digest(columns, seen_x, seen_y)},
                    {"name": f"{name}-holdout", "digest": table_digest(columns, test_x, test_y)},
                ],
                "params": fixed | recipe.params,
                "metrics": {key: round(float(value), 6) for key, value in measured.items()},
                "signature": signature(task, columns),
            }
        )
    return versions


def main() -> None:
    out = Path(sys.argv[1])
    with threadpool_limits(1):
        spec = {model: train(model, task, out) for model, task in TASKS.items()}
    (out / "spec.json").write_text(json.dumps(spec, indent=1) + "\n", newline="\n")


if __name__ == "__main__":
    main()
