"""Signs a form as a program of the patient's or the clinic's would, and says whether signatures hold: pyHanko.

The certificates are invented, made for one call, and sign themselves; no key is ever written to a disk.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from tests.instruments.tools import library

PACKAGE = "pyHanko[opentype]"
VALID_FROM, VALID_FOR = datetime(2026, 1, 1), timedelta(days=36_500)  # noqa: DTZ001 (certificates are in UTC)


@dataclass(frozen=True)
class Signature:
    """What a reader is told about a signature."""

    field: str
    intact: bool  # what was signed is still there, byte by byte
    valid: bool  # and the key of the certificate signed it
    changes: str  # what was added to the file since: NONE, LTA_UPDATES, FORM_FILLING, ANNOTATIONS or OTHER


def sign(pdf: Path, signed: Path, field: str, person: str, font: Path | None) -> None:
    """Signs in a field that the form has already, as PAdES asks, under a stamp in this font.

    Without a font pyHanko's own stamp is drawn, in a font that is not in the file.
    """
    signers, fields = (library(f"pyhanko.sign.{name}", PACKAGE) for name in ("signers", "fields"))
    writer = library("pyhanko.pdf_utils.incremental_writer", PACKAGE).IncrementalPdfFileWriter(
        BytesIO(pdf.read_bytes())
    )
    stamp = {}
    if font is not None:
        letters = library("pyhanko.pdf_utils.font.opentype", PACKAGE).GlyphAccumulatorFactory(str(font))
        box = library("pyhanko.pdf_utils.text", PACKAGE).TextBoxStyle(font=letters, font_size=9)
        style = library("pyhanko.stamp", PACKAGE).TextStampStyle
        stamp["stamp_style"] = style(stamp_text="Signed by %(signer)s\n%(ts)s", text_box_style=box, border_width=0)
    how = signers.PdfSignatureMetadata(
        field_name=field, name=person, reason="Consent", subfilter=fields.SigSeedSubFilter.PADES
    )
    done = BytesIO()
    signers.PdfSigner(how, signer=_signer(person), **stamp).sign_pdf(writer, existing_fields_only=True, output=done)
    signed.write_bytes(done.getvalue())


def _signer(person: str) -> object:
    """A key of an invented person, with the certificate that goes with it."""
    x509 = library("cryptography.x509", "cryptography")
    hashes, serialization = (
        library(f"cryptography.hazmat.primitives.{name}", "cryptography") for name in ("hashes", "serialization")
    )
    curves = library("cryptography.hazmat.primitives.asymmetric.ec", "cryptography")
    key = curves.generate_private_key(curves.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, person)])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only"), False
    )
    usage |= {"decipher_only": False, "digital_signature": True, "content_commitment": True}
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, VALID_FROM, VALID_FROM + VALID_FOR)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.DER
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    asn1 = (library(f"asn1crypto.{name}", "asn1crypto") for name in ("x509", "keys"))
    certificates, keys = asn1
    return library("pyhanko.sign.signers", PACKAGE).SimpleSigner(
        signing_cert=certificates.Certificate.load(certificate.public_bytes(encoding)),
        signing_key=keys.PrivateKeyInfo.load(secret),
        cert_registry=library("pyhanko_certvalidator.registry", PACKAGE).SimpleCertificateStore(),
    )


def signatures(pdf: Path) -> list[Signature]:
    """The signatures of a file, in the order in which they were made."""
    reader = library("pyhanko.pdf_utils.reader", PACKAGE).PdfFileReader(BytesIO(pdf.read_bytes()))
    judge = library("pyhanko.sign.validation", PACKAGE).validate_pdf_signature
    context = library("pyhanko_certvalidator", PACKAGE).ValidationContext
    found = []
    for one in reader.embedded_signatures:
        status = judge(one, context(trust_roots=[one.signer_cert], allow_fetching=False))
        found.append(Signature(one.field_name, status.intact, status.valid, status.modification_level.name))
    return found
