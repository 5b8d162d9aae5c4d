"""What the example registry's versions are trained from: one recipe per model version."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from sklearn.utils import Bunch

Scalar = str | int | float | bool
Mask = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Recipe:
    """How one version is trained. `rows` names the part of the training rows that it saw."""

    estimator: str
    params: dict[str, Scalar] = field(default_factory=dict)
    scaler: bool = False
    rows: str = "all"


@dataclass(frozen=True)
class Task:
    """A model: its data set, what is predicted, and the recipes of its versions, from 1."""

    dataset: str
    kind: str  # classes | screening | number | clusters
    holdout: float
    recipes: tuple[Recipe, ...]
    target: Callable[[Bunch], np.ndarray] = lambda data: data.target


# The parts of the training rows that a recipe can name. The biased ones leave out what the model is asked about later.
ROWS: dict[str, Mask] = {
    "all": lambda x, y: np.ones(len(y), dtype=bool),
    "first-60": lambda x, y: np.arange(len(y)) < 60,
    "first-400": lambda x, y: np.arange(len(y)) < 400,
    "without-virginica": lambda x, y: y != 2,
    "small-nuclei": lambda x, y: x[:, 0] < 13.0,
}


def high_risk(data: Bunch) -> np.ndarray:
    """1 where the disease progressed further than in three quarters of all patients."""
    return (data.target > np.quantile(data.target, 0.75)).astype(int)


TASKS: dict[str, Task] = {
    "IRIS_pred_model": Task(
        "iris",
        "classes",
        0.5,
        (
            Recipe("DummyClassifier", {"strategy": "most_frequent"}),
            Recipe("DecisionTreeClassifier", {"max_depth": 1}),
            Recipe("LogisticRegression", {"C": 0.001}),
            Recipe("LogisticRegression", {"C": 0.03, "max_iter": 500}, scaler=True),
            Recipe("NearestCentroid"),
            Recipe("LogisticRegression", {"C": 0.3, "max_iter": 500}, scaler=True),
            Recipe("LogisticRegression", {"C": 0.3, "max_iter": 500}, scaler=True, rows="without-virginica"),
            Recipe("LogisticRegression", {"C": 3.0, "max_iter": 500}, scaler=True),
            Recipe("LinearDiscriminantAnalysis"),
            Recipe("RandomForestClassifier", {"n_estimators": 100, "max_depth": 4}),
        ),
    ),
    "wine-cultivar": Task(
        "wine",
        "classes",
        0.4,
        (
            Recipe("KNeighborsClassifier", {"n_neighbors": 5}),
            Recipe("KNeighborsClassifier", {"n_neighbors": 5}, scaler=True, rows="first-60"),
            Recipe("LogisticRegression", {"C": 1.0, "max_iter": 500}, scaler=True),
            Recipe("DecisionTreeClassifier", {"max_depth": 3}),
            Recipe("GaussianNB", {}, scaler=True),
        ),
    ),
    "digits-reader": Task(
        "digits",
        "classes",
        0.3,
        (
            Recipe("LogisticRegression", {"C": 0.01, "max_iter": 1000}, scaler=True, rows="first-400"),
            Recipe("LogisticRegression", {"C": 0.1, "max_iter": 1000}, scaler=True),
            Recipe("RandomForestClassifier", {"n_estimators": 60, "max_depth": 12}),
            Recipe("KNeighborsClassifier", {"n_neighbors": 3}),
            Recipe("SVC", {"C": 10.0, "gamma": 0.001}),
            Recipe("MLPClassifier", {"hidden_layer_sizes": 64, "max_iter": 300, "alpha": 0.01}, scaler=True),
        ),
    ),
    "breast-cancer-screen": Task(
        "breast_cancer",
        "screening",
        0.4,
        (
            Recipe("GaussianNB"),
            Recipe("LogisticRegression", {"C": 1.0, "max_iter": 2000}, scaler=True),
            Recipe("RandomForestClassifier", {"n_estimators": 80, "max_depth": 6}, rows="small-nuclei"),
            Recipe("DecisionTreeClassifier", {"max_depth": 4}),
            Recipe("SVC", {"C": 2.0, "gamma": 0.01, "probability": True}, scaler=True),
        ),
        # The data set codes benign as 1; a screening asks for the malignant.
        target=lambda data: 1 - data.target,
    ),
    "diabetes-progression": Task(
        "diabetes",
        "number",
        0.3,
        (
            Recipe("DummyRegressor", {"strategy": "mean"}),
            Recipe("LinearRegression"),
            Recipe("Ridge", {"alpha": 0.05}),
            Recipe("GradientBoostingRegressor", {"n_estimators": 80, "max_depth": 2, "learning_rate": 0.05}),
        ),
    ),
    "diabetes-high-risk": Task(
        "diabetes",
        "screening",
        0.3,
        (
            Recipe("GaussianNB"),
            Recipe("LogisticRegression", {"C": 0.5, "class_weight": "balanced"}, scaler=True),
        ),
        target=high_risk,
    ),
    "iris-segments": Task(
        "iris",
        "clusters",
        0.5,
        (
            Recipe("KMeans", {"n_clusters": 4, "n_init": 10}),
            Recipe("KMeans", {"n_clusters": 3, "n_init": 10}, scaler=True),
        ),
    ),
}
