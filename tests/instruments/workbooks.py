"""Excel workbooks by their bytes: what no program would write, and what would take a program too long."""

import io
import zipfile

MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
BEGUN = b"<worksheet " + MAIN + b">"


def workbook(*sheet: bytes, begun: bytes = BEGUN, strings: bytes = b"") -> bytes:
    """A workbook whose one sheet, behind its beginning, is these bytes, one piece after the other."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006"
        file.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
            f'PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/></Types>',
        )
        file.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/worksheet" '
            f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{relation}/sharedStrings" '
            'Target="sharedStrings.xml"/></Relationships>',
        )
        with file.open("xl/worksheets/sheet1.xml", "w") as part:
            for piece in (begun, *sheet):
                part.write(piece)
        file.writestr("xl/sharedStrings.xml", strings or f'<sst xmlns="{main}"/>'.encode())
    return written.getvalue()
