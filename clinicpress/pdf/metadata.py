"""What a PDF says of itself: standards, title and dates, source facts; and the codes, drawn when its pages are known.

The source facts travel inside as `document.json`, so that a file found in ten years still says which text it was.

The page keeps their places free (`PageProfile.code_zones`). A code is one black path, so that no viewer shows seams.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from clinicpress import __version__
from clinicpress.clinics import CODE_SIZE, PageProfile
from clinicpress.issued import second_facts, source_facts
from clinicpress.orders import Mark, Order

PRODUCER = f"clinicpress {__version__}"

# XMP knows no word for PDF/UA, so PDF/A asks that the file brings its definition along. Source: ISO 19005-3, 6.6.2.3.
_EXTENSION = """<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""

_CLAIMS = """<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
"""
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
{claims}<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag>{languages}</rdf:Bag></dc:language>
<pdf:Keywords>{keywords}</pdf:Keywords><pdf:Producer>{producer}</pdf:Producer>
<xmp:CreatorTool>{producer}</xmp:CreatorTool>
<xmp:CreateDate>{day}T00:00:00Z</xmp:CreateDate><xmp:ModifyDate>{day}T00:00:00Z</xmp:ModifyDate>
</rdf:Description>
{extension}
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def describe(pdf: pikepdf.Pdf, order: Order) -> None:
    """Writes everything that the file says of itself.

    Dates are those of the text (`effective`), never of the clock: the same order gives the same bytes.
    """
    document, root = order.document, pdf.Root
    draft = "DRAFT, not approved. " if document.review.draft else ""
    said = {
        "title": document.title,
        "author": order.clinic.name,
        "subject": f"{draft}{str(document.kind).capitalize()}, form {document.form}, revision {document.revision}",
        "keywords": f"{document.topic}, {document.kind}, {document.form}, {document.revision}, {document.review.state}",
        "producer": PRODUCER,
    }
    languages = [one.language for one in (document, order.second) if one]
    stream = pdf.make_stream(packet(said, languages, document.effective))
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    root.Metadata = stream
    root.Lang = String(document.language)
    root.MarkInfo = Dictionary(Marked=True)
    root.ViewerPreferences = Dictionary(
        DisplayDocTitle=True, Duplex=Name.DuplexFlipLongEdge, PrintScaling=Name("/None")
    )
    _write_info(pdf, said, document.effective)
    _name_output_intent(root)
    _attach(pdf, "document.json", {**source_facts(document), **second_facts(order)}, document.effective)


def packet(said: Mapping[str, str], languages: Iterable[str], day: date, *, claims: bool = True) -> bytes:
    """The XMP packet: title, author, subject, keywords and producer as they are said, and both standards.

    Without `claims`, no standard.
    """
    return _PACKET.format(
        **{key: escape(value, quote=False) for key, value in said.items()},
        languages="".join(f"<rdf:li>{one}</rdf:li>" for one in languages),
        day=day.isoformat(),
        claims=_CLAIMS if claims else "",
        extension=_EXTENSION if claims else "",
    ).encode()


def _write_info(pdf: pikepdf.Pdf, said: dict[str, str], day: date) -> None:
    """The old information dictionary, equal to the XMP packet. Source: ISO 19005-3, 6.6.2.1."""
    del pdf.docinfo
    for key, value in said.items():
        pdf.docinfo[Name("/" + key.capitalize())] = String(value)
    pdf.docinfo[Name.Creator] = String(PRODUCER)
    pdf.docinfo[Name.CreationDate] = pdf.docinfo[Name.ModDate] = String(pdf_day(day))


def _name_output_intent(root: pikepdf.Object) -> None:
    """WeasyPrint embeds the sRGB profile; PDF/A wants it named. Source: ISO 19005-3, 6.2.3."""
    intent = root.OutputIntents[0]
    intent.S = Name.GTS_PDFA1
    intent.OutputConditionIdentifier = String("sRGB")
    intent.Info = String("sRGB IEC61966-2.1")


def _attach(pdf: pikepdf.Pdf, name: str, facts: dict[str, object], day: date) -> None:
    """Embeds facts as JSON. Source: ISO 19005-3, 6.8."""
    data = (json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    stream = pdf.make_stream(data)
    stream.Type, stream.Subtype = Name.EmbeddedFile, Name("/application/json")
    checksum = String(hashlib.md5(data, usedforsecurity=False).digest())  # the format asks for MD5
    stream.Params = Dictionary(Size=len(data), ModDate=String(pdf_day(day)), CheckSum=checksum)
    file = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(name),
            UF=String(name),
            Desc=String("What this document was made from"),
            AFRelationship=Name.Data,
            EF=Dictionary(F=stream, UF=stream),
        )
    )
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(name), file])))
    pdf.Root.AF = Array([file])


def pdf_day(day: date) -> str:
    """The first second of a day, as PDF writes it."""
    return f"D:{day:%Y%m%d}000000Z"


def stamp_codes(pdf: pikepdf.Pdf, profile: PageProfile, codes: Sequence[Mark]) -> None:
    """Puts the code of each page at its two places, as furniture. There is one code for each page, in order."""
    for number, (page, code) in enumerate(zip(pdf.pages, codes, strict=True), 1):
        if "/XObject" not in page.resources:
            page.resources.XObject = Dictionary()
        name = f"/Code{number}"  # WeasyPrint's pages may share one dictionary of resources
        page.resources.XObject[name] = _drawing(pdf, code)
        places = [f"1 0 0 1 {zone.left:.3f} {zone.bottom:.3f} cm {name} Do" for zone in profile.code_zones(number)]
        drawn = "".join(f"/Artifact <</Type /Pagination>> BDC q {place} Q EMC\n" for place in places)
        # WeasyPrint turns the page upside down at its start, so its content is put between q and Q.
        page.contents_add(b"q\n", prepend=True)
        page.contents_add(b"Q\n" + drawn.encode())
        page.contents_coalesce()


def _drawing(pdf: pikepdf.Pdf, mark: Mark) -> pikepdf.Object:
    """A code as a form XObject of the size of its place."""
    bars = [" ".join(f"{value * CODE_SIZE:.3f}" for value in bar) + " re" for bar in mark.bars]
    box = Array([0, 0, CODE_SIZE, CODE_SIZE])
    stream = pdf.make_stream(("0 g\n" + "\n".join(bars) + "\nf\n").encode())
    stream.Type, stream.Subtype, stream.BBox, stream.Resources = Name.XObject, Name.Form, box, Dictionary()
    return stream
