"""The page of the demo's eID provider and the invented persons on it, in three languages; they have no numbers. Knows no protocol."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

PERSONS: Mapping[str, tuple[str, str]] = {
    "astrid": ("Astrid", "Hallström"),
    "birgitta": ("Birgitta", "Ahlgren"),
    "karen": ("Karen", "Østergaard"),
    "nanna": ("Nanna", "Vestergaard"),
    "asa": ("Åsa", "Öberg"),
    "soren": ("Søren", "Ægidius"),
}
"""Invented, by key: given name and family name."""

WORDS = {
    "sv": ("Visa vem du är", "Det här är en påhittad e-legitimation för demon. Välj vem du vill vara.", "Någon annan", "Namn",
           "Fortsätt", "Avbryt", "Du skriver under:"),
    "da": ("Vis, hvem du er", "Dette er et opdigtet elektronisk id til demoen. Vælg, hvem du vil være.", "En anden", "Navn",
           "Fortsæt", "Annullér", "Du underskriver:"),
    "en": ("Show who you are", "This is the demo's invented eID. Choose whom you want to be.", "Somebody else", "Name",
           "Continue", "Cancel", "You are signing:"),
}  # fmt: skip

_STYLE = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:28rem;margin:2rem auto;padding:0 1rem;color:#17202a;background:#fff}"
    "button{font:inherit;display:block;width:100%;min-height:3rem;margin:.5rem 0;border:1px solid #24505a;border-radius:.5rem;"
    "background:#fff;color:#24505a;cursor:pointer}button.plain{border-color:transparent;text-decoration:underline}"
    "input{font:inherit;display:block;width:100%;box-sizing:border-box;min-height:3rem;padding:0 .75rem;border:1px solid #5b6770;"
    "border-radius:.5rem}fieldset{border:0;border-top:1px solid #c9d1d6;margin:1.5rem 0 0;padding:1rem 0 0}legend{padding-right:.5rem}"
)


def page(attempt: str, scheme: str, locales: str, message: str) -> bytes:
    """Where the browser is asked who sits before it."""
    language = next((each[:2] for each in locales.split() if each[:2] in WORDS), "en")
    title, about, other, name, go, cancel, signing = WORDS[language]
    buttons = "".join(
        f'<button name="person" value="{key}">{escape(" ".join(both))}</button>' for key, both in PERSONS.items()
    )
    hidden = f'<input type="hidden" name="attempt" value="{escape(attempt)}">'
    said = f"<p>{signing}<br><strong>{escape(message)}</strong></p>" if message else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body><main>'
        f"<h1>{title}</h1><p>{about} ({escape(scheme)})</p>{said}"
        f'<form method="post">{hidden}{buttons}</form>'
        # A form of its own: Enter in the field must not choose the first person above.
        f'<form method="post">{hidden}<fieldset><legend>{other}</legend><label for="name">{name}</label>'
        f'<input id="name" name="name" autocomplete="off"><button name="person" value="other">{go}</button></fieldset></form>'
        f'<form method="post">{hidden}<button class="plain" name="person" value="cancel">{cancel}</button></form>'
        "</main></body></html>"
    ).encode()
