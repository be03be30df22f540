"""What WeasyPrint leaves undone for a PDF to be PDF/A-3a and PDF/UA-1 at once, done on its objects before they are written."""

from __future__ import annotations

from typing import Any

from pydyf import Stream  # type: ignore[import-untyped]

_UA = """
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def finish(document: Any, pdf: Any) -> None:
    """WeasyPrint's `finisher`: runs when all objects exist and none is written."""
    _declare(document, pdf)
    _set_margins_apart(pdf)
    _close_streams(pdf)


def _declare(document: Any, pdf: Any) -> None:
    """Say PDF/UA-1 too, in the one RDF element there may be, in the open: PDF/A forbids to compress it."""
    metadata = _object(pdf, pdf.catalog["Metadata"])
    xmp = b"".join(part if isinstance(part, bytes) else part.encode() for part in metadata.stream)
    head, tail = xmp.rsplit(b"</rdf:RDF>", 1)
    metadata.stream = [head + _UA.encode() + b"</rdf:RDF>" + tail]
    metadata.compress = False


def _set_margins_apart(pdf: Any) -> None:
    """Running heads and feet are marked as content of elements that hang in no tree, so a screen reader meets them
    nowhere and a validator does not notice. They are made artifacts."""
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    reached = _reached(pdf, root)
    numbers = _object(pdf, root["ParentTree"])["Nums"]
    parents = dict(zip(numbers[::2], numbers[1::2], strict=True))
    for page in _of_type(pdf, "/Page"):
        owners = parents[page["StructParents"]]
        lost = {mcid for mcid, owner in enumerate(owners) if owner not in reached}
        content = _object(pdf, page["Contents"]).stream
        for at, part in enumerate(content):
            if isinstance(part, dict) and part.get("MCID") in lost:
                content[at - 1] = "/Artifact"
                part.clear()
                part["Type"] = "/Pagination"
        for mcid in lost:
            owners[mcid] = b"null"
    for element in _of_type(pdf, "/StructElem"):
        if element.reference not in reached:
            element.clear()  # not freed: pydyf 0.13 then miscounts its object streams


def _reached(pdf: Any, root: Any) -> set[bytes]:
    """The references of all structure elements that hang in the tree."""
    reached: set[bytes] = set()
    waiting = list(root["K"])
    while waiting:
        reference = waiting.pop()
        if isinstance(reference, bytes) and reference not in reached:
            reached.add(reference)
            waiting.extend(_object(pdf, reference).get("K", ()))
    return reached


class ClosedStream(Stream):
    """A stream whose bytes are made once, and which does not end in what could be read as the line break after it.

    PDF/A compares the length with what lies before `endstream`; a checksum that ends in 0x0D makes it one byte short.
    """

    compress: bool
    closed: bytes

    @property
    def data(self) -> bytes:
        if "closed" not in self.__dict__:
            self.closed = self._made()
        return self.closed

    def _made(self) -> bytes:
        made: bytes = super().data
        if self.compress and made.removesuffix(b"\nendstream").endswith((b"\r", b"\n")):
            self.compress = False  # another level would not help: the checksum is of the content
            made = super().data
        return made


def _close_streams(pdf: Any) -> None:
    """Also those that pydyf adds while it writes: the streams of objects and of cross references."""
    add = pdf.add_object

    def closing(thing: Any) -> None:
        if isinstance(thing, Stream):
            thing.__class__ = ClosedStream
        add(thing)

    pdf.add_object = closing
    for each in pdf.objects:
        if isinstance(each, Stream):
            each.__class__ = ClosedStream


def _of_type(pdf: Any, kind: str) -> list[Any]:
    return [each for each in pdf.objects if isinstance(each, dict) and each.get("Type") == kind]


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
