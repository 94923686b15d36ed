"""Reads the part of JQL that clients of a portfolio need: clauses, AND, OR, NOT, parentheses, ORDER BY.

What it does not understand is a 400 with a message like Jira's, as `GET /search/jql` in the specification says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.sandbox.jira.errors import RefusalError

# Words that stand for themselves only in quotation marks, so that `project = ADD` fails as it does on a real Jira.
_RESERVED = """
    abort access add after alias all alter and any as asc audit avg before begin between boolean break by byte catch
    cf char character check checkpoint collate collation column commit connect continue count create current date
    decimal declare decrement default defaults define delete delimiter desc difference distinct divide do double drop
    else empty encoding end equals escape exclusive exec execute exists explain false fetch file field first float for
    from function go goto grant greater group having identified if immediate in increment index initial inner inout
    input insert int integer intersect intersection into is isempty isnull join last left less like limit lock long max
    min minus mode modify modulo more multiply next noaudit not notin nowait null number object of on option or order
    outer output power previous prior privileges public raise raw remainder rename resource return returns revoke right
    row rowid rownum rows select session set share size sqrt start strict string subtract sum synonym table then to
    trans transaction trigger true uid union unique update user validate values view when whenever where while
    with"""
RESERVED_WORDS = frozenset(_RESERVED.split())
RESERVED_CHARACTERS = "+.;?*/%^$#@"
MAXIMUM_ORDER = 7

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<custom>cf\[\d+\])
      | (?P<operator>>=|<=|!=|!~|=|>|<|~)
      | (?P<connective>&&|\|\|)
      | (?P<punctuation>[(),!])
      | (?P<word>[^\s=!<>~(),"'\[\]&|]+)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(slots=True, frozen=True)
class Token:
    """One piece of the text."""

    kind: str
    text: str
    position: int


@dataclass(slots=True, frozen=True)
class Operand:
    """A value on the right-hand side."""

    text: str
    is_empty: bool = False
    is_function: bool = False


@dataclass(slots=True, frozen=True)
class Clause:
    """A field, an operator in lower case and the values it is compared with."""

    field: str
    operator: str
    operands: tuple[Operand, ...]


@dataclass(slots=True, frozen=True)
class Group:
    """`and`, `or` or `not` over what stands below it."""

    kind: str
    parts: tuple[Condition, ...]


Condition = Clause | Group


@dataclass(slots=True, frozen=True)
class Query:
    """A parsed query; without a condition it is unbounded."""

    condition: Condition | None
    order: tuple[tuple[str, bool], ...]  # field in lower case, and whether it descends


def parse(text: str) -> Query:
    """Reads a query or refuses it with a 400."""
    return _Reader(_tokens(text)).query()


def _complain(message: str, position: int) -> RefusalError:
    return RefusalError(400, f"Error in the JQL Query: {message} (line 1, character {position + 1})")


def _tokens(text: str) -> list[Token]:
    tokens, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise _complain(f"The character '{text[position:].lstrip()[0]}' is not expected here.", position)
        kind = str(match.lastgroup)
        tokens.append(_token(kind, match[kind], match.start(kind)))
        position = match.end()
    return tokens


def _token(kind: str, text: str, position: int) -> Token:
    if kind == "string":
        return Token(kind, _ESCAPE.sub(_unescape, text[1:-1]), position)
    if kind == "word":
        for character in RESERVED_CHARACTERS:
            if character in text:
                escape = f"\\u{ord(character):04x}"
                raise _complain(
                    f"The character '{character}' is a reserved JQL character. You must enclose it in a string or "
                    f"use the escape '{escape}' instead.",
                    position,
                )
    return Token(kind, text, position)


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPED.get(code, code)


class _Reader:
    """Walks over the tokens from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def query(self) -> Query:
        condition = None if self._peek() is None or self._sees("order") else self._alternatives()
        order = self._order() if self._takes("order") else ()
        left = self._peek()
        if left is not None:
            raise _complain(f"Expecting either 'OR' or 'AND' but got '{left.text}'.", left.position)
        return Query(condition, order)

    def _alternatives(self) -> Condition:
        parts = [self._conjunction()]
        while self._takes("or", "||"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Group("or", tuple(parts))

    def _conjunction(self) -> Condition:
        parts = [self._term()]
        while self._takes("and", "&&"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else Group("and", tuple(parts))

    def _term(self) -> Condition:
        if self._takes("not", "!"):
            return Group("not", (self._term(),))
        if self._takes("("):
            inner = self._alternatives()
            self._expect(")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        field = self._take("a field name")
        if field.kind == "word" and field.text.lower() in RESERVED_WORDS:
            raise _complain(f"Expecting a field name but got '{field.text}'.", field.position)
        operator = self._operator()
        if operator in ("in", "not in"):
            return Clause(field.text, operator, self._list())
        return Clause(field.text, operator, (self._operand(),))

    def _operator(self) -> str:
        token = self._take("operator")
        word = token.text.lower()
        if token.kind == "operator":
            return word
        if word == "is":
            return "is not" if self._takes("not") else "is"
        if word == "in":
            return word
        if word == "not" and self._takes("in"):
            return "not in"
        raise _complain(
            f"Expecting operator but got '{token.text}'. The valid operators are '=', '!=', '<', '>', '<=', '>=', "
            "'~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'.",
            token.position,
        )

    def _list(self) -> tuple[Operand, ...]:
        self._expect("(")
        operands = [self._operand()]
        while self._takes(","):
            operands.append(self._operand())
        self._expect(")")
        return tuple(operands)

    def _operand(self) -> Operand:
        token = self._take("a value, list or function")
        if token.kind == "string":
            return Operand(token.text)
        if token.kind != "word":
            raise _complain(f"Expecting a value, list or function but got '{token.text}'.", token.position)
        word = token.text.lower()
        if word in ("empty", "null"):
            return Operand("", is_empty=True)
        if self._takes("("):
            self._expect(")")
            return Operand(word, is_function=True)
        if word in RESERVED_WORDS:
            raise _complain(
                f"'{token.text}' is a reserved JQL word. You must surround it in quotation marks to use it in a query.",
                token.position,
            )
        return Operand(token.text)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._expect("by")
        order: list[tuple[str, bool]] = []
        while not order or self._takes(","):
            field = self._take("a field to order by")
            descends = self._takes("desc")
            if not descends:
                self._takes("asc")
            order.append((field.text.lower(), descends))
        if len(order) > MAXIMUM_ORDER:
            raise RefusalError(400, f"The maximum number of fields to order by is {MAXIMUM_ORDER}.")
        return tuple(order)

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _sees(self, *texts: str) -> bool:
        token = self._peek()
        return token is not None and token.kind != "string" and token.text.lower() in texts

    def _takes(self, *texts: str) -> bool:
        if self._sees(*texts):
            self._next += 1
            return True
        return False

    def _take(self, wanted: str) -> Token:
        token = self._peek()
        if token is None:
            end = self._tokens[-1].position + len(self._tokens[-1].text) if self._tokens else 0
            raise _complain(f"Expecting {wanted} before the end of the query.", end)
        self._next += 1
        return token

    def _expect(self, text: str) -> None:
        token = self._take(f"'{text}'")
        if token.kind == "string" or token.text.lower() != text:
            raise _complain(f"Expecting '{text}' but got '{token.text}'.", token.position)
