"""How two things are timed against each other: in turn, under the same load, so that the ratio carries where the times do not."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Medians over the rounds. `ratio` is the median of the ratios of each round, which is not the ratio of the medians."""

    ours: float
    base: float
    ratio: float


@dataclass(frozen=True)
class Goal:
    """What was wanted and what came out; `wanted` reads with the ratio or count: at most, or at least."""

    name: str
    found: float
    wanted: float
    at_least: bool = False
    stretch: float | None = None
    raw: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.found >= self.wanted if self.at_least else self.found <= self.wanted

    def line(self) -> str:
        """One row of the report."""
        sign = "≥" if self.at_least else "≤"
        aim = f"{sign} {self.wanted:g}" + (f", stretch {self.stretch:g}" if self.stretch else "")
        return f"{'met   ' if self.is_met else 'MISSED'}  {self.name:<52} {self.found:>8.2f}  ({aim})  {self.raw}"


def in_turn(cases: Mapping[str, Callable[[int], object]], rounds: int, times: int) -> dict[str, list[float]]:
    """Milliseconds a call, the median of each round, by case. Each call is told its running number."""
    spent: dict[str, list[float]] = {name: [] for name in cases}
    for case in cases.values():
        for n in range(times):
            case(n)  # warm
    for at in range(1, rounds + 1):
        # Who goes first alternates; nobody pays for another's garbage.
        for name in list(cases)[:: 1 if at % 2 else -1]:
            gc.collect()
            spent[name].append(_median_ms(cases[name], range(at * times, (at + 1) * times)))
    return spent


def against(spent: Mapping[str, list[float]], ours: str, base: str) -> Measured:
    """One case against another of the same rounds."""
    ratios = [a / b for a, b in zip(spent[ours], spent[base], strict=True)]
    return Measured(statistics.median(spent[ours]), statistics.median(spent[base]), statistics.median(ratios))


def _median_ms(case: Callable[[int], object], numbers: range) -> float:
    spent = []
    for n in numbers:
        started = time.perf_counter()
        case(n)
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent)
