"""docs/tenants.md, written from the models, the questions and the words of findings, so that it cannot grow old."""

from __future__ import annotations

import sys
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from webapp.domain.ordering.questions.catalogue import GROUPS, QUESTIONS
from webapp.tenancy.composition import OPTIONS
from webapp.tenancy.finding_texts import WORDS
from webapp.tenancy.models import FILES, each_model
from webapp.tenancy.prices import HEADER, LIMITS_HEADER, PERIODS, UNITS, USAGE
from webapp.tenancy.source import KB, LIMITS

_INTRO = """# A tenant's folder

Written by `.venv/bin/python -m webapp.tenancy.reference > docs/tenants.md`; do not edit. How to add a tenant: [tenants/README.md](../tenants/README.md).
`./run cli tenants check` tells everything that is wrong at once; `./run cli tenants schema FOLDER` writes JSON Schemas there, for editors.
"""

_FILES = f"""## Files

| File | Holds |
| --- | --- |
| `tenant.toml` | who the tenant is: names, hosts, company, support, mail, porting |
| `brand.toml`, `brand/*.svg` | the one colour, corners, logo |
| `order.toml` | which questions are asked, where and how |
| `catalogue.toml` | what is sold |
| `prices/YYYY-MM-DD.csv` | prices without commitment, from that local day until the next file |
| `agreements/CODE/YYYY-MM-DD.csv` | a framework agreement: prices by months of commitment |
| `wholesale/YYYY-MM-DD.csv` | operators: floor and ceiling for resellers |
| `texts/sv.toml`, `texts/da.toml` | texts the tenant words in its own way; the keys are those of `webapp/domain/texts.py`, dots make tables |
| `legal/NAME.LANGUAGE.md` | terms, privacy, cookies, accessibility, summary (for contract summaries: the sections `## speeds`, `## disabilities` and `## other`), and power_of_attorney where wanted |

All files are UTF-8 without a byte order mark. The largest sizes: {", ".join(f"`*{end}` {size // KB} kB" for end, size in LIMITS.items())}.
A legal text begins with the line `<!-- version 2026-01-01 -->`.
It may say `[[contract party]]` and `[[contract party number]]`: the operator's registered name and number, for its resellers, too.

### Price files

First line `{";".join(HEADER)}`. `charge` is {", ".join(f"`{c}`" for c in (*PERIODS, *USAGE))}; `unit` is
{", ".join(f"`{unit}`" for unit in UNITS)}. Amounts have two decimals, usage prices (minute, call, sms, mms, data) four; comma or point, no sign between
thousands. A price list fills the column `list` only and has a row for everything that costs. An agreement fills `12`, `24`, `36`
only: a plan or data package it does not name is not offered under it, another charge it does not name costs what the list says.
A price list that has been valid is never edited; a new one follows it.

Wholesale files begin `{";".join(LIMITS_HEADER)}`.
"""


def reference() -> str:
    """The whole page."""
    parts = [_INTRO, _FILES]
    for heading, model in each_model():
        level = "##" if heading in FILES else "###"
        parts.append(f"{level} `{heading}`\n\n{_doc(model)}\n\n{_keys(model)}")
    parts += [_questions(), _findings()]
    return "\n".join(part.rstrip() + "\n" for part in parts)


_PLAIN: dict[Any, str] = {str: "text", int: "number", bool: "true or false"}


def _doc(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip()


def _keys(model: type[BaseModel]) -> str:
    rows = [_row(name, info) for name, info in model.model_fields.items()]
    return "\n".join(["| Key | Value | Meaning |", "| --- | --- | --- |", *rows]) + "\n"


def _row(name: str, info: FieldInfo) -> str:
    meaning = " ".join((info.description or "").split())
    if info.is_required():
        meaning = f"**Needed.** {meaning}".strip()
    elif info.default not in (None, "", [], {}):
        meaning = f"{meaning} Left out: `{str(info.default).lower()}`.".strip()
    return f"| `{name}` | {_kind(info.annotation)} | {_plain(meaning)} |"


def _plain(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "&#124;")


def _kind(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    args = get_args(annotation)
    if get_origin(annotation) is dict:
        if _kind(args[1]) == "table":
            return "tables by id"
        return "text in each language" if args[0] is str and args[1] is not str else "texts by id"
    if get_origin(annotation) is list:
        inner = _kind(args[0])
        return {"table": "tables", "text": "list of texts", "number": "list of numbers"}.get(inner, f"list of {inner}")
    known = [arg for arg in args if arg is not type(None)]
    if known and all(isinstance(arg, str) for arg in known):
        return _codes(tuple(known))
    return _kind(known[0]) if known else "text"


def _questions() -> str:
    rows = [f"| `{q.id}` | {_codes(OPTIONS.get(q.id, ()))} | {_codes(q.after)} |" for q in QUESTIONS.values()]
    groups = "; ".join(f"`{group}` for {_codes(members)}" for group, members in GROUPS.items())
    table = "\n".join(["| Id | Answers to choose among | Comes after |", "| --- | --- | --- |", *rows])
    return f"## Questions\n\nNames that stand for several, unless narrowed by `[questions.<name>] ask`: {groups}.\n\n{table}\n"


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _findings() -> str:
    rows = [
        f"| `{code}` | {words.severity} | {_plain(words.what)} | {_plain(words.how)} |" for code, words in WORDS.items()
    ]
    return "\n".join(["## Findings\n", "| Code | | What | How to put it right |", "| --- | --- | --- | --- |", *rows])


if __name__ == "__main__":
    sys.stdout.write(reference())
