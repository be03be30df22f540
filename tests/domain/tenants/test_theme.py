"""Any colour a tenant may think of becomes a theme that can be read; knows nothing of pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.domain.tenants import theme
from webapp.domain.tenants.theme import DARK, LIGHT, contrast, derive

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
SITE_CSS = Path(theme.__file__).parents[2] / "static" / "site.css"

# The trial of ux.md 4.2: given, fill, label, hover, link, tint.
TRIAL = [
    ("#1F5EFF", "#1F5EFF", "#FFFFFF", "#0D49EA", "#1E5CFD", "#EEF4FF"),
    ("#00A3A1", "#00A3A1", "#17202A", "#2AB3B1", "#117977", "#DEFAF9"),
    ("#FFD200", "#FFD200", "#17202A", "#FEE696", "#836B08", "#FAF4DD"),
    ("#FF7A00", "#FF7A00", "#17202A", "#FE9758", "#AF540B", "#FFF0E8"),
    ("#E4002B", "#E4002B", "#FFFFFF", "#C21428", "#DA102C", "#FFEFEE"),
    ("#A4D233", "#A4D233", "#17202A", "#B4E349", "#5A770A", "#EFF7E2"),
    ("#808080", "#767676", "#FFFFFF", "#656565", "#6D6D6D", "#F3F3F3"),
]


def steps(shade: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(shade[1:]))


def near(one: str, other: str, within: int = 20) -> bool:
    """Within a few sRGB steps: gamut mapping may round otherwise, the eye may not see another colour."""
    return all(abs(a - b) <= within for a, b in zip(steps(one), steps(other), strict=True))


@pytest.mark.parametrize(("colour", "fill", "label", "hover", "link", "tint"), TRIAL)
def test_the_trial_colours(colour: str, fill: str, label: str, hover: str, link: str, tint: str) -> None:
    light = derive(colour).light
    assert near(light["brand"], fill, 1)
    assert light["brand-on"] == label
    assert near(light["brand-link"], link)
    assert near(light["brand-hover"], hover)
    assert near(light["brand-tint"], tint)


@settings(max_examples=120, deadline=None)
@given(colours)
def test_every_colour_can_be_read(colour: str) -> None:
    made = derive(colour)
    for roles, neutral in ((made.light, LIGHT), (made.dark, DARK)):
        grounds = [neutral["surface"], neutral["canvas"], neutral["sunken"], roles["brand-tint"]]
        assert contrast(roles["brand-on"], roles["brand"]) >= 4.5
        assert contrast(roles["brand-on"], roles["brand-hover"]) >= 4.5
        assert roles["brand-hover"] != roles["brand"]
        for ground in grounds:
            assert contrast(roles["brand-link"], ground) >= 4.5
            assert contrast(neutral["ink"], ground) >= 4.5
            assert contrast(neutral["muted"], ground) >= 4.5
            assert contrast(roles["brand-edge"], ground) >= 3
        assert contrast(roles["brand-outline"], neutral["canvas"]) >= 3


@pytest.mark.parametrize("neutral", [LIGHT, DARK])
def test_our_own_colours_can_be_read(neutral: dict[str, str]) -> None:
    for meaning in ("error", "success", "warning", "info"):
        for ground in ("surface", "canvas", f"{meaning}-tint"):
            assert contrast(neutral[meaning], neutral[ground]) >= 4.5, (meaning, ground)
        assert contrast(neutral["ink"], neutral[f"{meaning}-tint"]) >= 4.5
        assert contrast(neutral["muted"], neutral[f"{meaning}-tint"]) >= 4.5
    for ground in ("surface", "canvas", "sunken"):
        assert contrast(neutral["control"], neutral[ground]) >= 3


def test_the_stylesheet_has_the_same_neutral_colours() -> None:
    said = dict(re.findall(r"--([a-z-]+):\s*(#[0-9A-Fa-f]{6})", SITE_CSS.read_text(encoding="utf-8")))
    assert {name: said.get(name) for name in LIGHT} == dict(LIGHT)


def test_verdicts_say_what_was_done() -> None:
    def codes(colour: str) -> list[str]:
        return [verdict.code for verdict in derive(colour).verdicts]

    assert codes("#1F5EFF") == ["as_is"]
    assert codes("#FFD200") == ["dark_label", "links_darkened"]
    assert codes("#808080") == ["fill_adjusted", "links_darkened"]
    assert "near_error" in codes("#E4002B")
    assert "near_error" not in codes("#FF7A00")


def test_dark_is_only_given_when_asked_for() -> None:
    assert "prefers-color-scheme" not in derive("#1F5EFF").css()
    assert "prefers-color-scheme: dark" in derive("#1F5EFF", dark=True).css()


def test_the_digest_names_the_content() -> None:
    assert derive("#1f5eff").digest == derive("#1F5EFF").digest
    assert len({derive("#1F5EFF", corners).digest for corners in theme.CORNERS}) == 3
    assert derive("#1F5EFF").digest != derive("#1F5EFE").digest


@pytest.mark.parametrize("bad", ["", "red", "#FFF", "#FFD20", "FFD200", "#FFD200;}body{", "#GGGGGG", "#FFD200\n"])
def test_what_is_not_a_colour_is_refused(bad: str) -> None:
    with pytest.raises(ValueError):
        derive(bad)


@pytest.mark.parametrize("bad", ['Inter";}', "x" * 41, "a\nb"])
def test_a_font_name_cannot_leave_its_quotes(bad: str) -> None:
    with pytest.raises(ValueError):
        derive("#FFD200", font=bad)
    assert '"Source Sans 3", var(--font-system)' in derive("#FFD200", font="Source Sans 3").css()
