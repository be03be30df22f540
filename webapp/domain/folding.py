"""Signs that mean the same made one, and what shows nothing told from what does; knows no field and refuses nothing."""

from __future__ import annotations

import re
import unicodedata

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2796\ufe58\ufe63\uff0d"
_HIDDEN_MARKS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0" + "".join(
    map(chr, range(0xFE00, 0xFE10))
)
_SHOW_NOTHING = _HIDDEN_MARKS + "\u2800"
_JOINERS = "\u200c\u200d"  # some scripts and emoji are written with them
_SPACES = re.compile(" {2,}")
_LABEL = re.compile(r"(?:tel|telefon|tfn|tlf|mobil|mob|callto|sms)(?:[.:]+\s*|\s+)", re.IGNORECASE)


def folded(text: str) -> str:
    """For what is read sign by sign: every dash is "-", every space and tab " ", and what cannot be seen is gone.

    Line breaks and NUL stay, and so do digits of other scripts: what they would be taken for is no question of signs.
    """
    return "".join(map(_plain, unicodedata.normalize("NFC", text))).strip()


def spaced(text: str) -> str:
    """For names and other free text: composed, every kind of space a plain one, and one; dashes stay as they were written."""
    composed = unicodedata.normalize("NFC", text)
    return _SPACES.sub(" ", "".join(" " if _is_space(sign) else sign for sign in composed)).strip()


def without_label(text: str) -> str:
    """A telephone number without what stands in front of one in a link or a signature: "tel:", "Tfn "."""
    found = _LABEL.match(text)
    return text[found.end() :] if found else text


def is_blank(text: str) -> bool:
    """Whether nothing of it shows: no letter, digit or sign, only spaces, accents on nothing and empty places."""
    return not any(unicodedata.category(sign)[0] in "LNPS" and sign not in _SHOW_NOTHING for sign in text)


def unseen(text: str) -> str:
    """The first sign in a text that nobody can see or that turns its order around; empty when there is none.

    A joiner is one wherever it joins nothing: some scripts and emoji are written with it.
    """
    for at, sign in enumerate(text):
        if sign in _JOINERS:
            around = (text[at - 1 : at], text[at + 1 : at + 2])
            if not all(near and near not in _JOINERS and not _is_space(near) and not near.isascii() for near in around):
                return sign
        elif _is_hidden(sign) or (sign in _SHOW_NOTHING and not _is_variant(sign)):
            return sign
    return ""


def named(sign: str) -> str:
    """How a sign that cannot be seen is called: "U+200B ZERO WIDTH SPACE"."""
    return f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".rstrip()


def _plain(sign: str) -> str:
    if sign in _DASHES:
        return "-"
    if _is_space(sign):
        return " "
    return "" if unicodedata.category(sign) == "Cf" or sign in _SHOW_NOTHING else sign


def _is_space(sign: str) -> bool:
    return sign == "\t" or unicodedata.category(sign) == "Zs"


def _is_variant(sign: str) -> bool:
    """Which of its shapes the sign before it has: part of an emoji, not a sign of its own."""
    return "\ufe00" <= sign <= "\ufe0f"


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
