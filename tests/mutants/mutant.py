"""A mutant: one deliberate mistake, the behaviour that it breaks, and the tests that have to notice."""

from __future__ import annotations

from dataclasses import dataclass


class StaleError(Exception):
    """The text that a mutant replaces does not stand in its file exactly once any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`file` and `tests` are paths from the root of the repository; `old` occurs exactly once in the file.

    `breaks` says what goes wrong for people. One of `tests` must fail; they should take a few seconds, and where a file
    takes longer, `only` chooses among its tests, by an expression for pytest's option -k.
    """

    name: str
    breaks: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    only: str = ""

    @property
    def selection(self) -> tuple[str, ...]:
        """The tests as arguments for pytest."""
        return (*self.tests, "-k", self.only) if self.only else self.tests

    def applied_to(self, text: str) -> str:
        """The file's text with the mistake in it. Raises StaleError."""
        count = text.count(self.old)
        if count != 1:
            raise StaleError(
                f"the list of mutants is stale: {self.name} replaces a text that stands {count} times in {self.file}, "
                f"not once: {self.old!r}. Write the mistake anew for the code of today, in tests/mutants."
            )
        return text.replace(self.old, self.new)
