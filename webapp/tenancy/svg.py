"""Admits pictures that only draw: SVG without script, style, animation or anything fetched from outside; repairs nothing."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from webapp.tenancy.finding import Notes, Place

_DRAWING = frozenset(
    "svg g path rect circle ellipse line polyline polygon defs linearGradient radialGradient stop clipPath mask"
    " title desc use symbol text tspan".split()
)
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|javascript:|data:|https?:|//", re.IGNORECASE)


def check_svg(data: bytes, name: str, place: Place, notes: Notes) -> bool:
    """Whether the picture may be shown; what speaks against it is noted."""
    if re.search(rb"<!(DOCTYPE|ENTITY)", data, re.IGNORECASE):
        notes.add("svg.script", place, name=name, part="a document type")
        return False
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 (without a document type there are no entities to expand)
    except (ElementTree.ParseError, ValueError, RecursionError) as broken:
        notes.add("brand.not_svg", place, name=name, reason=str(broken))
        return False
    if root.tag != f"{_NAMESPACE}svg":
        notes.add("brand.not_svg", place, name=name, reason="its outermost element is not svg")
        return False
    if not root.get("viewBox"):
        notes.add("brand.not_svg", place, name=name, reason="it has no viewBox")
        return False
    found = len(notes.findings)
    for element in root.iter():
        tag = str(element.tag)
        if not tag.startswith(_NAMESPACE):
            notes.add("svg.script", place, name=name, part=f"<{tag.split('}')[-1]}> of another kind")
        elif tag.removeprefix(_NAMESPACE) not in _DRAWING:
            notes.add("svg.script", place, name=name, part=f"<{tag.removeprefix(_NAMESPACE)}>")
        for attribute, value in element.attrib.items():
            key = attribute.split("}")[-1].lower()
            if key.startswith("on") or key == "style":
                notes.add("svg.script", place, name=name, part=f'the attribute "{key}"')
            elif (key in {"href", "src"} and not value.startswith("#")) or _OUTSIDE.search(value):
                notes.add("svg.link", place, name=name, value=value[:80])
    return len(notes.findings) == found
