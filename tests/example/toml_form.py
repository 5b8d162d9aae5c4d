"""TOML in the form in which modelreg writes new files: a blank line before each table, times in milliseconds."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Table = dict[str, Any]


class Inline(dict[str, Any]):
    """A table to be written on one line."""


class Lines(list[Any]):
    """An array to be written with one value per line."""


def document(table: Table) -> str:
    """The text of a file. A key whose value is None, or an empty table, is left out."""
    return "".join(_table(table, ()))


def _table(table: Table, path: tuple[str, ...]) -> Iterator[str]:
    present = {key: value for key, value in table.items() if value is not None}
    below = {key: value for key, value in present.items() if _is_table(value) or _is_array_of_tables(value)}
    for key, value in present.items():
        if key not in below:
            yield f"{_key(key)} = {_value(value)}\n"
    for key, value in below.items():
        name = ".".join(map(_key, (*path, key)))
        header, tables = (f"[{name}]", [value]) if _is_table(value) else (f"[[{name}]]", value)
        for each in filter(None, tables):
            yield f"\n{header}\n"
            yield from _table(each, (*path, key))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and not isinstance(value, Inline)


def _is_array_of_tables(value: Any) -> bool:
    # An empty list among these keys is an array of tables without any, as for comments: nothing is written.
    return isinstance(value, list) and not isinstance(value, Lines) and all(map(_is_table, value))


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _string(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return f"{Decimal(repr(value)):f}"
        case str():
            return _string(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
        case Inline():
            return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
        case Lines():
            return "[\n" + "".join(f"    {_value(each)},\n" for each in value) + "]"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
    raise TypeError(f"no TOML for {value!r}")


def _string(text: str) -> str:
    # Quotes and backslashes would need the writer's choice among TOML's four kinds of strings; the example has none.
    if not text.isascii() or re.search(r'["\\\x00-\x09\x0b-\x1f\x7f]', text):
        raise ValueError(f"outside what this small writer knows: {text!r}")
    return f'"""\n{text}"""' if "\n" in text else f'"{text}"'
