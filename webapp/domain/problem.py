"""What is wrong with something that came in: a code with parameters; the words for it live in the catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """`code` is a key of webapp.domain.texts.TEXTS; `params` fill its placeholders."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


class Invalid(ValueError):
    """A value that cannot be taken as it is. Carries the Problem to tell."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.problem = Problem(code, params)

    @classmethod
    def of(cls, problem: Problem) -> Invalid:
        """Refused for a reason that is known already."""
        return cls(problem.code, **problem.params)
