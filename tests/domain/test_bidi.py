"""A name from right to left turns nothing around that stands beside it: pages, papers, mails, tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.bidi import isolated_html, isolated_text
from webapp.domain.spreadsheet import write

NAME = "محمد رضا\u200cنژاد"


@pytest.mark.parametrize(
    ("html", "isolated"),
    [
        (f"<td>{NAME} 070-174 06 82</td>", f"<td><bdi>{NAME}</bdi> 070-174 06 82</td>"),
        (f'<input value="{NAME}">', f'<input value="{NAME}">'),
        (
            f"<textarea>{NAME}, a@b.se</textarea><p>{NAME}</p>",
            f"<textarea>{NAME}, a@b.se</textarea><p><bdi>{NAME}</bdi></p>",
        ),
        (f"<title>{NAME} 1</title><p>1", f"<title>\u2068{NAME}\u2069 1</title><p>1"),
        (f'<option value="{NAME}">1 ({NAME})</option>', f'<option value="{NAME}">1 (\u2068{NAME}\u2069)</option>'),
        (f"<li>{NAME}, דוד</li>", f"<li><bdi>{NAME}</bdi>, <bdi>דוד</bdi></li>"),
        (f"<a title='a > {NAME}'>Bo</a>", f"<a title='a > {NAME}'>Bo</a>"),
        ("<p>Åsa Öberg</p>", "<p>Åsa Öberg</p>"),
    ],
)
def test_a_name_from_right_to_left_stands_in_a_bdi(html: str, isolated: str) -> None:
    assert isolated_html(html) == isolated


def test_in_plain_text_the_signs_of_isolation_stand_around_it() -> None:
    assert isolated_text(f"{NAME} 070-174 06 82") == f"\u2068{NAME}\u2069 070-174 06 82"
    assert f'"\u2068{NAME}\u2069";"070"'.encode() in write(["a", "b"], [[NAME, "070"]])


@given(st.text(st.sampled_from("aé<>&\"' =/מد1-"), max_size=40))
def test_isolating_changes_nothing_else(text: str) -> None:
    assert isolated_text(text).replace("\u2068", "").replace("\u2069", "") == text
    assert isolated_html(text).replace("<bdi>", "").replace("</bdi>", "") == text
