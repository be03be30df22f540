"""Tenants' texts as HTML: a small part of Markdown, every character of it escaped; knows no other tag than those it writes itself."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"(#{1,4})\s+(.+)")
_ITEM = re.compile(r"(?:[-*]|([0-9]{1,3})[.)])\s+(.+)")
_INLINE = re.compile(
    r"\*\*(?P<strong>[^*]+)\*\*|\*(?P<em>[^*]+)\*|\[(?P<text>[^\]]+)\]\((?P<url>[^)\s]+)\)|"
    r"(?P<mail>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
)
_HEADINGS = {2: Markup("<h2>{}</h2>"), 3: Markup("<h3>{}</h3>"), 4: Markup("<h4>{}</h4>")}
_LISTS = {"ul": Markup("<ul>{}</ul>"), "ol": Markup("<ol>{}</ol>")}
_SAFE_URL = re.compile(r"(?:https://|mailto:|tel:|/(?![/\\]))[!-~]+", re.ASCII)


def title_of(source: str) -> str:
    """The text of its first heading."""
    found = next((_HEADING.fullmatch(line.strip()) for line in source.splitlines() if line.startswith("#")), None)
    return found[2] if found else ""


def prose(source: str) -> Markup:
    """Headings (`#` is left to the page), paragraphs, lists, bold, italics and links."""
    blocks = re.split(r"\n\s*\n", _COMMENT.sub("", source).strip())
    return Markup("\n").join(filter(None, (_block(block.splitlines()) for block in blocks)))


def _block(lines: list[str]) -> Markup:
    """One block; a heading or a list may follow a line without an empty one between."""
    made: list[Markup] = []
    paragraph: list[str] = []
    items: list[str] = []
    tag = "ul"

    def close() -> None:
        if paragraph:
            made.append(Markup("<p>{}</p>").format(_inline(" ".join(paragraph))))
            paragraph.clear()
        if items:
            entries = Markup("").join(Markup("<li>{}</li>").format(_inline(item)) for item in items)
            made.append(_LISTS[tag].format(entries))
            items.clear()

    for line in (line.strip() for line in lines):
        if heading := _HEADING.fullmatch(line):
            close()
            if level := _HEADINGS.get(len(heading[1])):
                made.append(level.format(_inline(heading[2])))
        elif item := _ITEM.fullmatch(line):
            if paragraph or (items and (tag == "ol") != bool(item[1])):
                close()
            tag = "ol" if item[1] else "ul"
            items.append(item[2])
        elif items and line:
            items[-1] += f" {line}"
        elif line:
            paragraph.append(line)
    close()
    return Markup("\n").join(made)


def _inline(text: str) -> Markup:
    parts: list[Markup] = []
    at = 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[at : found.start()]))
        parts.append(_marked(found))
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def _marked(found: re.Match[str]) -> Markup:
    if found["strong"]:
        return Markup("<strong>{}</strong>").format(found["strong"])
    if found["em"]:
        return Markup("<em>{}</em>").format(found["em"])
    if found["mail"]:
        return Markup('<a href="mailto:{0}">{0}</a>').format(found["mail"])
    if not _SAFE_URL.fullmatch(found["url"]):
        return escape(found["text"])
    return Markup('<a href="{}">{}</a>').format(found["url"], found["text"])
