"""Turns the one colour a tenant gives into shades that can always be read; refuses to know templates, files or tenants."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coloraide import Color

CORNERS: Mapping[str, int] = {"square": 0, "soft": 6, "round": 12}

# The platform's own colours. A tenant cannot change them: what is meant must look the same everywhere.
LIGHT: Mapping[str, str] = {
    "ink": "#17202A",
    "muted": "#4A5561",
    "canvas": "#F7F7F5",
    "surface": "#FFFFFF",
    "sunken": "#F2F3F1",
    "hairline": "#D9DCDC",
    "control": "#6B7680",
    "error": "#B3261E",
    "error-tint": "#FDF1F0",
    "success": "#1E6B3A",
    "success-tint": "#EEF6F0",
    "warning": "#7A4D00",
    "warning-tint": "#FFF6E0",
    "info": "#1F4E79",
    "info-tint": "#EEF4FA",
}
DARK: Mapping[str, str] = {
    "ink": "#E8EBED",
    "muted": "#A9B2BA",
    "canvas": "#161A1E",
    "surface": "#1F252B",
    "sunken": "#262D34",
    "hairline": "#3A434B",
    "control": "#8B96A0",
    "error": "#FF9C94",
    "error-tint": "#38201F",
    "success": "#8FD3A4",
    "success-tint": "#1C3225",
    "warning": "#F2C56B",
    "warning-tint": "#352A12",
    "info": "#9CC7F2",
    "info-tint": "#1B2D40",
}

WHITE, INK = "#FFFFFF", LIGHT["ink"]
TEXT, EDGE = 4.5, 3.0  # WCAG 2.2: 1.4.3 and 1.4.11
LINK = 4.6  # a hair more than TEXT, so that rounding to whole sRGB steps never costs it
SAME, DISTINCT = 0.02, 0.12  # OKLab distances: not worth a word; plainly another colour

_HEX = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


@dataclass(frozen=True)
class Verdict:
    """What happened to the tenant's colour, as a code; `params` are hexadecimal colours and ratios."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Theme:
    """All roles of one brand colour."""

    colour: str
    light: Mapping[str, str]
    dark: Mapping[str, str]
    verdicts: tuple[Verdict, ...]
    corners: str = "soft"
    with_dark: bool = False
    font: str = ""

    def css(self) -> str:
        """The stylesheet of this brand: custom properties only, so that no rule of ours can be lost under it."""
        radius = CORNERS[self.corners]
        shape = {"radius": f"{radius}px", "radius-small": f"{min(radius, 4)}px"}
        if self.font:
            shape["font"] = f'"{self.font}", var(--font-system)'
        sheet = _rule(":root", {**self.light, **shape})
        if self.with_dark:
            night = _rule(":root", {"color-scheme": "light dark", **DARK, **self.dark, "ring": DARK["ink"]})
            sheet += "@media screen and (prefers-color-scheme: dark) {\n" + night + "}\n"
        return sheet

    @property
    def digest(self) -> str:
        """Names the stylesheet: the same words give the same name for ever."""
        return hashlib.sha256(self.css().encode()).hexdigest()[:12]


@lru_cache(maxsize=256)
def derive(colour: str, corners: str = "soft", *, dark: bool = False, font: str = "") -> Theme:
    """The theme of a brand. ValueError when `colour` is not `#RRGGBB` or `corners` is not a known shape."""
    if not _HEX.fullmatch(colour):
        raise ValueError(f"not a colour: {colour!r}")
    if corners not in CORNERS:
        raise ValueError(f"unknown corners: {corners!r}")
    if font and not re.fullmatch(r"[A-Za-z0-9 -]{1,40}", font):
        raise ValueError(f"not a font name: {font!r}")
    given = colour.upper()
    fill, label = _fill(given)
    return Theme(
        colour=given,
        light=_light(given, fill, label),
        dark=_dark(given, fill, label),
        verdicts=_verdicts(given, fill, label),
        corners=corners,
        with_dark=dark,
        font=font,
    )


def _colour(shade: str) -> Color:
    # Needed when a tenant's page is drawn for the first time, and a twentieth of a process's start.
    from coloraide import Color

    return Color(shade)


def contrast(one: str, other: str) -> float:
    """The WCAG ratio of two colours, measured on what the screen gets: whole sRGB steps."""
    return float(_colour(one).contrast(other, method="wcag21"))


def _fill(given: str) -> tuple[str, str]:
    if contrast(given, WHITE) >= TEXT:
        return given, WHITE
    if contrast(given, INK) >= TEXT:
        return given, INK
    return _darken(given, lambda shade: contrast(shade, WHITE) >= TEXT), WHITE


def _light(given: str, fill: str, label: str) -> dict[str, str]:
    tint = _tint(given, 0.965)
    edge = _darken(given, _clear_of((LIGHT["canvas"], LIGHT["sunken"], tint), EDGE))
    return {
        "brand": fill,
        "brand-on": label,
        "brand-hover": _hover(fill, label),
        "brand-outline": fill if contrast(fill, LIGHT["canvas"]) >= EDGE else edge,
        "brand-edge": edge,
        "brand-link": _darken(given, _clear_of((LIGHT["sunken"], tint), LINK)),
        "brand-tint": tint,
    }


def _dark(given: str, fill: str, label: str) -> dict[str, str]:
    tint = _tint(given, 0.29)
    grounds = (DARK["surface"], DARK["sunken"], tint)
    edge = _lighten(given, _clear_of(grounds, EDGE))
    return {
        "brand": fill,
        "brand-on": label,
        "brand-hover": _hover(fill, label),
        "brand-outline": fill if _clear_of(grounds, EDGE)(fill) else edge,
        "brand-edge": edge,
        "brand-link": _lighten(given, _clear_of(grounds, LINK)),
        "brand-tint": tint,
    }


def _hover(fill: str, label: str) -> str:
    """Away from the label, so that pointing at a button never makes it harder to read."""
    lightness = _lightness(fill)
    if label == WHITE:
        # From black there is no darker: grey is still far from a white label.
        return _at(fill, lightness - 0.06) if lightness > 0.12 else _at(fill, lightness + 0.12)
    return _at(fill, lightness + 0.05) if lightness < 0.955 else _at(fill, lightness - 0.05)


def _verdicts(given: str, fill: str, label: str) -> tuple[Verdict, ...]:
    found = []
    ratio = f"{contrast(fill, label):.2f}"
    if fill != given:
        found.append(Verdict("fill_adjusted", {"given": given, "used": fill, "ratio": ratio}))
    elif label == INK:
        found.append(Verdict("dark_label", {"ratio": ratio}))
    else:
        found.append(Verdict("as_is", {"ratio": ratio}))
    link = _light(given, fill, label)["brand-link"]
    if _apart(given, link) > SAME:
        found.append(Verdict("links_darkened", {"used": link}))
    if _apart(given, LIGHT["error"]) < DISTINCT:
        found.append(Verdict("near_error"))
    return tuple(found)


def _apart(one: str, other: str) -> float:
    return float(_colour(one).delta_e(other, method="ok"))


def _lightness(shade: str) -> float:
    return float(_colour(shade).convert("oklch")["lightness"])


def _at(shade: str, lightness: float, chroma_at_most: float | None = None) -> str:
    """The same hue at another lightness; chroma gives way where sRGB ends."""
    moved = _colour(shade).convert("oklch").set("lightness", min(max(lightness, 0.0), 1.0))
    if chroma_at_most is not None:
        moved.set("chroma", lambda chroma: min(chroma, chroma_at_most))
    return moved.convert("srgb").fit(method="raytrace", pspace="oklch").to_string(hex=True).upper()


def _tint(shade: str, lightness: float) -> str:
    return _at(shade, lightness, chroma_at_most=0.03)


def _clear_of(grounds: Iterable[str], ratio: float) -> Callable[[str], bool]:
    fixed = tuple(grounds)
    return lambda shade: all(contrast(shade, ground) >= ratio for ground in fixed)


def _darken(shade: str, good: Callable[[str], bool]) -> str:
    return _seek(shade, good, 0.0)


def _lighten(shade: str, good: Callable[[str], bool]) -> str:
    return _seek(shade, good, 1.0)


def _seek(shade: str, good: Callable[[str], bool], end: float) -> str:
    """The good shade nearest to the given one on the way to black (0) or white (1), which is always good."""
    if good(shade):
        return shade
    bad, fine = _lightness(shade), end
    for _ in range(12):
        middle = (bad + fine) / 2
        if good(_at(shade, middle)):
            fine = middle
        else:
            bad = middle
    return _at(shade, fine)


def _rule(selector: str, properties: Mapping[str, str]) -> str:
    lines = (f"  {name if name == 'color-scheme' else f'--{name}'}: {value};\n" for name, value in properties.items())
    return f"{selector} {{\n{''.join(lines)}}}\n"
