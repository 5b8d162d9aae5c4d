"""Checks what `modelreg validate --format ...` writes against each format's published schema, or a real reader of it.

    pip install -r tests/formats/requirements.txt
    python tests/formats/check_formats.py --sarif F --junit F --gitlab F --github F --json F

Every option may be given or left out. With --json, the other files must tell of the same findings. Prints what is
wrong, each with its file, and exits with 1; with 0 when nothing is, and with 2 when the check itself cannot run.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import junitparser
from jsonschema import Draft7Validator, FormatChecker

HERE = Path(__file__).resolve().parent

# The schema of the OASIS Standard, as serde-sarif 0.8.0 ships it.
SARIF_SHA256 = "af47e7b67f24efe74076621fd3a5fbe7398add9e84fe820c971219a385895cea"

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
FROM_ONE = {"type": ["integer", "null"], "minimum": 1}

# GitLab publishes no schema for others to use; this says what its documentation does ("Code Quality report format").
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": TEXT,
            "check_name": TEXT,
            "fingerprint": TEXT,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/|\\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}

# modelreg's own format: the documentation of src/diag/render/json.rs as a schema.
FINDING_KEYS = {
    "code": {"type": "string", "pattern": "^[a-z0-9-]+$"},
    "severity": {"enum": ["error", "warning"]},
    "file": {"type": ["string", "null"], "minLength": 1},
    "line": FROM_ONE,
    "column": FROM_ONE,
    "end_line": FROM_ONE,
    "end_column": FROM_ONE,
    "message": TEXT,
    "hint": TEXT,
    "summary": TEXT,
}
REPORT = {
    "type": "object",
    "required": ["format", "files", "errors", "warnings", "findings"],
    "properties": {
        "format": {"const": 1},
        "files": COUNT,
        "errors": COUNT,
        "warnings": COUNT,
        "findings": {
            "type": "array",
            "items": {"type": "object", "required": list(FINDING_KEYS), "properties": FINDING_KEYS},
        },
    },
}


class CannotCheck(Exception):
    """The check lacks something; nothing is known of the files."""


def sarif_schema():
    """The official schema, out of the package that cargo fetched for it."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    command += ["--manifest-path", str(HERE / "schemas" / "Cargo.toml")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotCheck(f"cargo could not fetch the SARIF schema:\n{done.stderr}")
    packages = json.loads(done.stdout)["packages"]
    package = next(package for package in packages if package["name"] == "serde-sarif")
    schema = (Path(package["manifest_path"]).parent / "src" / "schema.json").read_bytes()
    if hashlib.sha256(schema).hexdigest() != SARIF_SHA256:
        raise CannotCheck("the SARIF schema is not the one this script was written for")
    return json.loads(schema)


def against(schema, value):
    """What the schema says against the value."""
    validator = Draft7Validator(schema, format_checker=FormatChecker())
    for error in validator.iter_errors(value):
        yield f"{error.json_path}: {error.message[:300]}"


def load(text):
    """Strict JSON: no doubled keys, no NaN."""

    def once(pairs):
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            raise ValueError(f"a key is there twice: {keys}")
        return dict(pairs)

    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, object_pairs_hook=once, parse_constant=refuse)


def check_json(text):
    report = load(text)
    yield from against(REPORT, report)
    findings = report.get("findings", [])
    for kind in ("error", "warning"):
        there = sum(finding.get("severity") == kind for finding in findings)
        if there != report.get(f"{kind}s"):
            yield f"{kind}s is {report.get(kind + 's')}, but {there} findings are"
    for finding in findings:
        known = {finding.get(key) is None for key in ("line", "column", "end_line", "end_column")}
        if len(known) != 1:
            yield f"a place is there by half: {finding}"


def check_sarif(text):
    log = load(text)
    yield from against(sarif_schema(), log)
    for run in log.get("runs", []):
        rules = run["tool"]["driver"].get("rules", [])
        ids = [rule["id"] for rule in rules]
        if len(set(ids)) != len(ids):
            yield "two rules have one id"
        prints = [json.dumps(result.get("partialFingerprints")) for result in run["results"]]
        if len(set(prints)) != len(prints):
            yield "two results have one fingerprint"
        for result in run["results"]:
            index = result.get("ruleIndex", -1)
            if not 0 <= index < len(ids) or ids[index] != result.get("ruleId"):
                yield f"ruleIndex {index} does not lead to rule {result.get('ruleId')}"
            if not result.get("locations"):
                yield "a result has no location, and GitHub drops it"
            for location in result.get("locations", []):
                region = location["physicalLocation"].get("region", {})
                if "startLine" not in region:
                    yield "a region has no startLine, and GitHub asks for it"
                start = (region.get("startLine", 1), region.get("startColumn", 1))
                end = (region.get("endLine", start[0]), region.get("endColumn", sys.maxsize))
                if end < start:
                    yield f"a region ends before it begins: {region}"


def check_gitlab(text):
    if text.startswith("\ufeff"):
        yield "there is a byte order mark, and GitLab takes none"
    issues = load(text)
    yield from against(GITLAB, issues)
    prints = [issue.get("fingerprint") for issue in issues]
    if len(set(prints)) != len(prints):
        yield "two issues have one fingerprint, and GitLab shows only the first"


def check_junit(text):
    # The standard library's parser first: junitparser may use one that forgives.
    root = ElementTree.fromstring(text)
    read = junitparser.JUnitXml.fromstring(text.encode())
    if root.tag != "testsuites" or not list(read):
        yield "there is no test suite"
    total = failed = 0
    for suite in read:
        cases = list(suite)
        failures = sum(isinstance(result, junitparser.Failure) for case in cases for result in case.result)
        if (suite.tests, suite.failures) != (len(cases), failures):
            yield f"a suite says {suite.tests} tests and {suite.failures} failures; it has {len(cases)} and {failures}"
        for case in cases:
            if not case.name or not case.classname:
                yield "a test case has no name or no class"
            if len(case.result) > 1:
                yield f"{case.name} has more than one result, and GitLab shows only one"
        total, failed = total + len(cases), failed + failures
    if total == 0:
        yield "there is no test case, and readers take that for a run that did not start"
    if (read.tests, read.failures) != (total, failed):
        yield f"the report says {read.tests} tests and {read.failures} failures; it has {total} and {failed}"


# What GitHub's runner takes back (actions/runner, ActionCommand), the percent sign last.
DATA = [("\r", "%0D"), ("\n", "%0A"), ("%", "%25")]
PROPERTY = [("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")]
NUMBERS = {"line", "endLine", "col", "endColumn"}


def unescape(text, escapes):
    for plain, escaped in escapes:
        text = text.replace(escaped, plain)
    return text


def escape(text, escapes):
    for plain, escaped in reversed(escapes):
        text = text.replace(plain, escaped)
    return text


def github_commands(text):
    """The commands that the runner would obey: name, properties, message and the line they stand on."""
    for line in text.splitlines():
        command = line.lstrip()
        if not command.startswith("::") or "::" not in command[2:]:
            continue
        head, message = command[2:].split("::", 1)
        name, _, rest = head.partition(" ")
        pairs = [pair.split("=", 1) for pair in rest.split(",") if "=" in pair]
        yield name, {key: unescape(value, PROPERTY) for key, value in pairs}, unescape(message, DATA), line


def check_github(text):
    lines = text.split("\n")
    commands = list(github_commands(text))
    if len(commands) != len(lines) - 2 or lines[-1] != "" or lines[-2].startswith("::"):
        yield f"{len(lines) - 2} commands and a last line are wanted; there are {len(commands)} commands"
    for name, properties, message, line in commands:
        if name not in ("error", "warning", "notice"):
            yield f"`{name}` is no annotation: {line[:200]}"
        if not {"file", "title"} <= set(properties) or not set(properties) <= {"file", "title"} | NUMBERS:
            yield f"wrong properties {sorted(properties)}: {line[:200]}"
        for key in NUMBERS & set(properties):
            if not properties[key].isdecimal() or int(properties[key]) < 1:
                yield f"{key} is not a number from 1: {line[:200]}"
        if "col" in properties and properties.get("line") != properties.get("endLine"):
            yield f"columns are there, but not one line: {line[:200]}"
        again = ",".join(f"{key}={escape(value, PROPERTY)}" for key, value in properties.items())
        if f"::{name} {again}::{escape(message, DATA)}" != line:
            yield f"what the runner reads is not what was meant: {line[:200]}"


def check_commands(text):
    """No line holds a command of the older form, which the runner obeys anywhere in a line."""
    for line in text.splitlines():
        if "##[" in line or "##vso[" in line:
            yield f"a CI system would take this for a command: {line[:200]}"


def shown(text):
    """The text as modelreg shows it: with what a terminal or a CI system would obey made visible."""
    misleading = re.compile("[\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")

    def one(c):
        obeyed = unicodedata.category(c) == "Cc" and c not in "\n\t"
        return f"\\u{{{ord(c):x}}}" if obeyed or misleading.match(c) else c

    text = "".join(map(one, text))
    return text.replace("#", "\\u{23}") if re.search(r"##[A-Za-z]*\[", text) else text


def same_findings(texts):
    """Whether each file tells of the findings that the JSON does, and GitHub's runner reads the same texts."""
    findings = load(texts["json"])["findings"]
    wanted = sorted(finding["code"] for finding in findings)
    told = {}
    if "sarif" in texts:
        told["sarif"] = [result["ruleId"] for result in load(texts["sarif"])["runs"][0]["results"]]
    if "gitlab" in texts:
        told["gitlab"] = [issue["check_name"] for issue in load(texts["gitlab"])]
    if "github" in texts:
        commands = list(github_commands(texts["github"]))
        told["github"] = [properties["title"] for _, properties, _, _ in commands]
        for finding, (name, properties, message, line) in zip(findings, commands):
            file = properties["file"] if finding["file"] is None else shown(finding["file"])
            meant = (finding["severity"], file, shown(f"{finding['message']}\nhint: {finding['hint']}"))
            if (name, properties["file"], message) != meant:
                yield f"GitHub's runner does not read what the JSON says: {line[:200]}"
    for name, codes in told.items():
        if sorted(codes) != wanted:
            yield f"{name} tells of {sorted(codes)}, the JSON of {wanted}"


CHECKS = {
    "json": check_json,
    "sarif": check_sarif,
    "gitlab": check_gitlab,
    "junit": check_junit,
    "github": check_github,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in CHECKS:
        parser.add_argument(f"--{name}", type=Path, metavar="FILE")
    files = {name: path for name, path in vars(parser.parse_args()).items() if path}
    if not files:
        parser.error("no file is given")
    problems = []
    try:
        contents = {name: path.read_bytes() for name, path in files.items()}
        texts = {}
        for name, content in contents.items():
            try:
                text = texts[name] = content.decode()
                found = [*CHECKS[name](text), *check_commands(text)]
            except (ValueError, KeyError, TypeError, AttributeError, ElementTree.ParseError) as error:
                found = [f"it cannot be read: {type(error).__name__}: {error}"]
            problems += [f"{files[name]}: {problem}" for problem in found]
        if "json" in texts and not problems:
            problems += same_findings(texts)
    except (CannotCheck, OSError) as error:
        print(f"check_formats: {error}", file=sys.stderr)
        return 2
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{', '.join(files)}: as published")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
