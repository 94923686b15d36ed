"""Reading WIQL: words, and the statement that they make.

The subset: `SELECT fields FROM WorkItems [WHERE condition] [ORDER BY fields] [ASOF time]`, with AND, OR, NOT, brackets,
comparisons, IN, CONTAINS, CONTAINS WORDS, UNDER, IS EMPTY, EVER, and the macros @Me, @Project and @Today. What it does
not understand is a 400 that quotes the part in question, as the service answers it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from connectors.sandbox.azure_devops import errors

WORD = re.compile(
    r"""\s*(?:
        (?P<field>\[[^\]]+\])
      | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<macro>@\w+)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<sign><>|<=|>=|=|<|>|\(|\)|,|\+|-)
      | (?P<name>[A-Za-z_][\w.]*)
    )""",
    re.VERBOSE,
)
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query with its kind."""

    kind: str
    text: str

    def says(self, *texts: str) -> bool:
        """Whether it is one of these keywords or signs."""
        return self.kind in ("name", "sign") and self.text.upper() in texts


@dataclass(frozen=True, slots=True)
class Operand:
    """The right side of a comparison: a literal, a macro with days added, or another field."""

    kind: str
    text: str
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`field operator operands`."""

    field: str
    operator: str
    operands: tuple[Operand, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all (AND) or one (OR) must hold."""

    word: Literal["AND", "OR"]
    conditions: tuple[Condition, ...]


Condition = Comparison | Not | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A whole query; `order` holds field and whether it descends."""

    columns: tuple[str, ...]
    condition: Condition | None
    order: tuple[tuple[str, bool], ...] = field(default=())
    as_of: str | None = None


def parse(query: str) -> Statement:
    """Reads a query; raises ServiceError (400)."""
    return _Parser(query).statement()


class _Parser:
    def __init__(self, query: str) -> None:
        self._words = _words(query)
        self._at = 0

    def statement(self) -> Statement:
        self._expect("SELECT")
        columns = self._fields()
        self._expect("FROM")
        source = self._next()
        if source.text.casefold() != "workitems":
            raise errors.bad_query("The embedded server answers queries on WorkItems only.", source.text)
        condition = self._disjunction() if self._accept("WHERE") else None
        order = self._order() if self._accept("ORDER") else ()
        as_of = self._unquote(self._next()) if self._accept("ASOF") else None
        if self._peek() is not None:
            raise errors.bad_query("Expecting end of string.", self._next().text)
        return Statement(columns=columns, condition=condition, order=order, as_of=as_of)

    def _peek(self) -> Word | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _next(self) -> Word:
        word = self._peek()
        if word is None:
            raise errors.bad_query("TF51006: The query statement is incomplete.", self._words[-1].text)
        self._at += 1
        return word

    def _accept(self, *texts: str) -> bool:
        word = self._peek()
        if word is None or not word.says(*texts):
            return False
        self._at += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            word = self._peek()
            raise errors.bad_query(f"Expecting {text}.", word.text if word else "end of string")

    def _fields(self) -> tuple[str, ...]:
        names = [self._field()]
        while self._accept(","):
            names.append(self._field())
        return tuple(names)

    def _field(self) -> str:
        word = self._next()
        if word.kind not in ("field", "name"):
            raise errors.bad_query("Expecting field name.", word.text)
        return word.text.strip("[]").strip()

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._expect("BY")
        result = []
        while True:
            name = self._field()
            descending = self._accept("DESC")
            if not descending:
                self._accept("ASC")
            result.append((name, descending))
            if not self._accept(","):
                return tuple(result)

    def _disjunction(self) -> Condition:
        conditions = [self._conjunction()]
        while self._accept("OR"):
            conditions.append(self._conjunction())
        return conditions[0] if len(conditions) == 1 else Group("OR", tuple(conditions))

    def _conjunction(self) -> Condition:
        conditions = [self._negation()]
        while self._accept("AND"):
            conditions.append(self._negation())
        return conditions[0] if len(conditions) == 1 else Group("AND", tuple(conditions))

    def _negation(self) -> Condition:
        if self._accept("NOT"):
            return Not(self._negation())
        if self._accept("("):
            inner = self._disjunction()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        start = self._at
        ever = self._accept("EVER")
        name = self._field()
        negated = self._accept("NOT")
        operator = self._operator()
        if ever and operator != "=":
            raise errors.bad_query("EVER is followed by an equality.", self._source(start))
        operands = self._operands(operator)
        comparison = Comparison(
            field=name, operator="EVER" if ever else operator, operands=operands, source=self._source(start)
        )
        return Not(comparison) if negated else comparison

    def _operator(self) -> str:
        word = self._next()
        if word.kind == "sign" and word.text in COMPARISONS:
            return word.text
        if word.says("IN", "UNDER"):
            return word.text.upper()
        if word.says("CONTAINS"):
            return "CONTAINS WORDS" if self._accept("WORDS") else "CONTAINS"
        if word.says("IS"):
            negated = self._accept("NOT")
            self._expect("EMPTY")
            return "IS NOT EMPTY" if negated else "IS EMPTY"
        raise errors.bad_query("Expecting comparison operator.", word.text)

    def _operands(self, operator: str) -> tuple[Operand, ...]:
        if operator.endswith("EMPTY"):
            return ()
        if operator != "IN":
            return (self._operand(),)
        self._expect("(")
        operands = [self._operand()]
        while self._accept(","):
            operands.append(self._operand())
        self._expect(")")
        return tuple(operands)

    def _operand(self) -> Operand:
        word = self._next()
        if word.kind == "text":
            return Operand("text", self._unquote(word))
        if word.kind == "macro":
            return Operand("macro", word.text.casefold(), self._days())
        if word.kind in ("number", "field"):
            return Operand(word.kind, word.text.strip("[]"))
        if word.says("TRUE", "FALSE"):
            return Operand("text", word.text)
        raise errors.bad_query("Expecting a value. The string must be in quotes.", word.text)

    def _days(self) -> int:
        word = self._peek()
        if word is not None and word.kind == "number" and word.text.startswith("-"):
            return int(self._next().text)
        if self._accept("+"):
            return int(self._next().text)
        if self._accept("-"):
            return -int(self._next().text)
        return 0

    def _unquote(self, word: Word) -> str:
        if word.kind != "text":
            raise errors.bad_query("Expecting a string in quotes.", word.text)
        quote = word.text[0]
        return word.text[1:-1].replace(quote * 2, quote)

    def _source(self, start: int) -> str:
        return " ".join(word.text for word in self._words[start : self._at])


def _words(query: str) -> list[Word]:
    words, position, text = [], 0, query.strip()
    while position < len(text):
        found = WORD.match(text, position)
        if found is None or found.lastgroup is None:
            raise errors.bad_query("The query contains a character that is not expected.", text[position:][:20])
        words.append(Word(found.lastgroup, found[found.lastgroup]))
        position = found.end()
    if not words:
        raise errors.bad_query("TF51006: The query statement is missing.", "")
    return words
