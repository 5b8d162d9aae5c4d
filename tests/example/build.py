"""Writes the example registry from what `train.py` measured and from the histories in `history/`.

    python build.py OUT REGISTRY

OUT is the folder that `train.py` wrote. Sizes, digests, params and metrics come from its `spec.json`; who did what,
when and why comes from `history/MODEL.toml`, in whose texts `{v6.accuracy}` stands for a measured number. The files
have the form in which modelreg itself writes new ones.
"""

import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from toml_form import Inline, Lines, document

Table = dict[str, Any]
HISTORY = Path(__file__).parent / "history"
STAGES = ("Staging", "Production")
REGISTRY: Table = {
    "format": 1,
    "name": "acme-models",
    "branch": "main",
    "layout": "flat",
    "policy_version": 1,
    "stages": [{"name": stage, "review": "none"} for stage in STAGES],
    "teams": {"ml-leads": ["ml-lead@example.com", "ines@example.com"], "iris": ["sbaronia@purdue.edu"]},
}


class History:
    """The written history of one model, with what was measured of its versions."""

    def __init__(self, told: Table, measured: list[Table]) -> None:
        self.told = told
        self.name: str = told["name"]
        self.measured = measured
        if len(told["versions"]) != len(measured):
            raise ValueError(f"{self.name}: {len(told['versions'])} versions told, {len(measured)} trained")

    def fill_in(self, text: str | None) -> str | None:
        """The text with its measured numbers: `{v6.accuracy}`, `{v6.params.train_rows}`."""

        def number(found: re.Match[str]) -> str:
            version = self.measured[int(found[1]) - 1]
            value = version[found[2] or "metrics"][found[3]]
            if isinstance(value, int):
                return str(value)
            return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"

        return text and re.sub(r"\{v(\d+)\.(?:(\w+)\.)?(\w+)\}", number, text)

    def model(self) -> Table:
        """The model's own file."""
        told = self.told
        return {
            "format": 1,
            "name": self.name,
            "project": told["project"],
            "description": self.fill_in(told.get("description")),
            "owners": told["owners"],
            "created_at": told["created_at"],
            "created_by": told["created_by"],
            "updated_at": told.get("updated_at"),
            "updated_by": told.get("updated_by"),
            "former_names": told.get("former_names"),
            "tags": by_key(told.get("tags")),
            "aliases": by_key(told.get("aliases")),
        }

    def manifest(self, version: int) -> Table:
        """The manifest of a version."""
        told, measured = self.told["versions"][version - 1], self.measured[version - 1]
        by = told.get("by", self.told["created_by"])
        comments = [
            {"at": c["at"], "by": c.get("by", by), "text": self.fill_in(c["text"])} for c in told.get("comments", [])
        ]
        updated = told.get("updated_at")
        artifact = measured["artifact"]
        return {
            "format": 1,
            "version": version,
            "created_at": told["at"],
            "created_by": by,
            "project": self.told["project"],
            "environment": told.get("environment", self.told["environment"]),
            "description": self.fill_in(told.get("description")),
            "archived": told.get("archived"),
            "updated_at": updated,
            "updated_by": updated and told.get("updated_by", by),
            "artifact": {"uri": f"s3://acme-models/{self.name}/{version}"} | artifact,
            "lineage": self.lineage(version),
            "params": by_key(measured["params"]),
            "metrics": by_key(measured["metrics"]),
            "signature": {side: Lines(map(Inline, fields)) for side, fields in measured["signature"].items()},
            "tags": by_key(told.get("tags")),
            "comments": comments,
            "deleted": told.get("deleted"),
        }

    def lineage(self, version: int) -> Table:
        """What a version was made from."""
        told, measured = self.told["versions"][version - 1], self.measured[version - 1]
        parent, run = told.get("parent"), measured["run_id"]
        # A commit id as git would give it; made from the names, for the repository is an example too.
        commit = hashlib.sha1(f"code {self.name} {version}".encode()).hexdigest()
        return {
            "run_id": run,
            "experiment": f"{self.told['project']}/{self.name}",
            "run_link": f"https://tracking.example.com/runs/{run}",
            "code": Inline({"repository": self.told["repository"], "commit": commit}),
            "parent": parent and f"models:/{self.name}/{parent}",
            "datasets": [
                {"name": d["name"], "uri": f"s3://acme-data/{d['name']}.csv", "digest": d["digest"]}
                for d in measured["datasets"]
            ],
        }

    def stage(self, stage: str) -> Table | None:
        """A stage's pointer and journal; none where no version was ever in it."""
        stack: list[int] = []
        beside: list[int] = []
        journal = []
        for told in (m for m in self.told.get("moves", []) if m["stage"] == stage):
            action, version, before = told.get("action", "promote"), told["version"], stack[-1] if stack else None
            replay(stack, action, version)
            now = stack[-1] if stack else None
            if action == "promote":
                beside = sorted({*beside, before}) if told.get("keep") and before else []
            beside = [v for v in beside if v != now and not (action == "withdraw" and v == version)]
            journal.append(
                {
                    "at": told["at"],
                    "by": told.get("by", self.told["created_by"]),
                    "action": action,
                    "version": version,
                    "from": before,
                    "reason": self.fill_in(told.get("reason")),
                }
            )
        if not journal:
            return None
        now = stack[-1] if stack else None
        return {"format": 1, "stage": stage, "version": now, "beside": beside or None, "history": journal}


def replay(stack: list[int], action: str, version: int) -> None:
    """Applies one move to the versions that a stage can go back to, the present one last."""
    match action:
        case "promote":
            stack.append(version)
        case "rollback":
            stack.pop()
            while version in stack and stack[-1] != version:
                stack.pop()
            if version not in stack:
                stack.append(version)
        case "withdraw" if stack and stack[-1] == version:
            stack.clear()


def by_key(table: Table | None) -> Table | None:
    return dict(sorted(table.items())) if table else None


def write(root: Path, path: str, kind: str, table: Table) -> None:
    """Writes a file of the registry, with the line that tells editors where its schema lies."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    up = "../" * path.count("/")
    file.write_text(f"#:schema {up}schema/{kind}.json\n" + document(table), newline="\n")


def main() -> None:
    out, root = Path(sys.argv[1]), Path(sys.argv[2])
    spec = json.loads((out / "spec.json").read_text())
    write(root, "registry.toml", "registry", REGISTRY)
    for path in sorted(HISTORY.glob("*.toml")):
        told = tomllib.loads(path.read_text())
        history = History(told, spec[told["name"]])
        folder = f"models/{history.name}"
        write(root, f"{folder}/model.toml", "model", history.model())
        for version in range(1, len(history.measured) + 1):
            write(root, f"{folder}/versions/{version}.toml", "version", history.manifest(version))
        for stage in STAGES:
            if table := history.stage(stage):
                write(root, f"{folder}/stages/{stage.lower()}.toml", "stage", table)


if __name__ == "__main__":
    main()
