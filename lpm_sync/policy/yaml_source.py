"""Reads a YAML file as plain values that know their line, and refuses what a configuration has no use for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from lpm_sync.errors import ConfigurationError

SIZE_LIMIT = 1_000_000  # bytes
NODE_LIMIT = 50_000
DEPTH_LIMIT = 20
ALIAS_LIMIT = 100
NUMBER_LENGTH_LIMIT = 40  # characters

YamlPath = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*(_[0-9]+)*)")
_DECIMAL = re.compile(r"[-+]?[0-9]+(_[0-9]+)*\.[0-9]+")
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "true": True, "True": True, "false": False, "False": False,
}  # fmt: skip

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlDocument:
    """A mapping as it was written, and the line of each of its keys and list entries.

    Values are text, `int`, `Decimal`, `bool`, None, lists and dicts with text keys. Only `true` and `false` are truth
    values, and dates and times stay text: `NO` is a country here and `10:30` no number.
    """

    name: str  # as messages show it
    content: dict[str, Any]
    lines: Mapping[YamlPath, int]

    def line(self, path: YamlPath) -> int:
        """The line of what stands at `path`, or of the nearest thing above it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(path: Path) -> YamlDocument:
    """Reads the file at `path`; raises ConfigurationError with `file:line: what, and what was meant`."""
    name = str(path)
    return parse_yaml(_text(path, name), name=name)


def parse_yaml(text: str, *, name: str) -> YamlDocument:
    """Reads `text`; raises ConfigurationError as `read_yaml` does."""
    try:
        _check_events(text, name)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = _line(error.problem_mark or error.context_mark)
        what = error.problem or error.context
        raise _refused(name, line, f"not YAML: {what}; check indentation and quotes") from None
    except yaml.YAMLError:
        raise ConfigurationError(f"{name}:1: not YAML: it holds control characters; remove them") from None
    reader = _Reader(name)
    content = reader.value(root, ()) if root is not None else {}
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"{name}:1: the top level is no mapping; write `key: value` lines")
    return YamlDocument(name=name, content=content, lines=reader.lines)


def _text(path: Path, name: str) -> str:
    try:
        if path.is_dir():
            raise ConfigurationError(f"{name}: a directory, and no file; name the one that holds it with LPM_CONFIG")
        if not path.is_file():
            raise ConfigurationError(f"{name}: there is no such file; name the directory that holds it with LPM_CONFIG")
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{name}: cannot be read: {error.strerror}; check its owner and permissions"
        ) from error
    if len(content) > SIZE_LIMIT:
        raise ConfigurationError(f"{name}:1: larger than {SIZE_LIMIT:,} bytes; a configuration is a small file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{name}:{line}: not UTF-8 text; save the file as UTF-8") from None


def _check_events(text: str, name: str) -> None:
    """Refuses, before anything is built, what would be costly to build or is not plain data."""
    depth = nodes = aliases = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = _line(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(name, line, "a second document; one file holds one document, so remove `---`")
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > ALIAS_LIMIT:
                raise _refused(name, line, f"more than {ALIAS_LIMIT} aliases; write the values out")
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            if nodes > NODE_LIMIT:
                raise _refused(name, line, f"more than {NODE_LIMIT:,} values; a configuration is a small file")
            if getattr(event, "tag", None) is not None:  # an alias has none
                raise _refused(name, line, "a tag (`!…`) is not read here; write plain text, numbers, lists, mappings")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_LIMIT:
            raise _refused(name, line, f"nested deeper than {DEPTH_LIMIT} levels; a bracket is probably missing")


def _line(mark: Any) -> int:
    """The line of a mark of either parser, counted from 0; some errors have none."""
    return mark.line if mark is not None else 0


def _refused(name: str, line: int, message: str) -> ConfigurationError:
    """The refusal of what stands in `line`, which counts from 0 as PyYAML does."""
    return ConfigurationError(f"{name}:{line + 1}: {message}")


class _Reader:
    """Turns composed nodes into plain values, and writes down their lines."""

    def __init__(self, name: str) -> None:
        self.lines: dict[YamlPath, int] = {}
        self._name = name
        self._count = 0

    def value(self, node: yaml.Node, path: YamlPath) -> Any:
        self._count += 1
        self.lines.setdefault(path, node.start_mark.line + 1)
        # An alias leads to a node a second time, so what was counted once is counted again here.
        if self._count > NODE_LIMIT or len(path) > DEPTH_LIMIT:
            raise _refused(self._name, node.start_mark.line, "aliases that multiply; write the values out")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(entry, (*path, position)) for position, entry in enumerate(node.value)]
        # The style is None or empty for plain text, depending on the parser; quoted and block text has a mark.
        is_plain = isinstance(node, yaml.ScalarNode) and not node.style
        return _scalar(node.value) if is_plain else node.value

    def _mapping(self, node: yaml.MappingNode, path: YamlPath) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _refused(
                    self._name, key_node.start_mark.line, "a key that is no text; write one word before the colon"
                )
            key = key_node.value
            if key == "<<":
                raise _refused(
                    self._name, key_node.start_mark.line, "merge keys (`<<`) are not read here; repeat the values"
                )
            if key in content:
                first = self.lines[(*path, key)]
                message = f"`{key}` stands twice, first in line {first}; remove one of them"
                raise _refused(self._name, key_node.start_mark.line, message)
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            content[key] = self.value(value_node, (*path, key))
        return content


def _scalar(text: str) -> str | int | Decimal | bool | None:
    """An unquoted scalar. Figures may be grouped: `2_400_000`."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= NUMBER_LENGTH_LIMIT:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return Decimal(text)
    return text
