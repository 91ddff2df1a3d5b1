"""Hart's signature files: whether a sheet's file is the one that Verity signed.

For whoever receives an export on a stick. Beside ``x.xml`` lies ``x.xml.sig.xml``, a detached XML signature
(W3C XML-Signature Syntax and Processing, 2002): the hash of the file, and an RSA signature over that. A file
whose hash differs was changed after it was signed. A signature proves who signed only against a key that was
had by another way; the key that stands in the file itself proves no more than that the parts fit together.
Such fitting without a known key is told as that. PKCS #1 v1.5 (RFC 8017, section 8.2.2) with SHA-256 or
SHA-512 is checked; SHA-1 only as the hash of a file, and told.
"""

import base64
import binascii
import copy
import hashlib

import msgspec
from lxml import etree

from tallybook.formats.archives import Folder, base_name, is_zip, open_zip, read_whole
from tallybook.formats.detect import opened
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown

ENDING = ".sig.xml"
SPACE = "{http://www.w3.org/2000/09/xmldsig#}"
CANONICAL = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
DIGESTS = {
    "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
METHODS = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "sha512",
}
PREFIXES = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
"""DigestInfo before the hash, RFC 8017, section 9.2, note 1."""
LEAST_BITS = 1024
MOST_BYTES, SHEET_BYTES, ARCHIVE_BYTES = 1 << 20, 64 << 20, 8 << 30
COPY_AGAIN = "Copy the export again from its source, unedited; do not count from this file."


class Key(msgspec.Struct, frozen=True):
    """An RSA public key: modulus and exponent."""

    modulus: int
    exponent: int


class Signature(msgspec.Struct, frozen=True):
    """What a signature file says. ``signed`` is the canonical text that the RSA signature covers."""

    file: str
    digest_method: str
    digest: bytes
    method: str
    signed: bytes
    value: bytes
    key: Key


def read_signature(data: bytes) -> Signature:
    """A signature file. Raises ValueError, whose words say what is missing or not known."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data.removeprefix(b"\xef\xbb\xbf"), parser)
    except etree.XMLSyntaxError as why:
        raise ValueError(f"XML that cannot be read ({why})") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a document type (DOCTYPE)")
    info, reference = _find(root, "SignedInfo"), _find(root, "SignedInfo/Reference")
    canonical = _attribute(root, "SignedInfo/CanonicalizationMethod", "Algorithm")
    if canonical != CANONICAL:
        raise ValueError(f"the canonical form {shown(canonical)}, which is not known here")
    return Signature(
        str(reference.get("URI", "")),
        _attribute(root, "SignedInfo/Reference/DigestMethod", "Algorithm"),
        _bytes(root, "SignedInfo/Reference/DigestValue"),
        _attribute(root, "SignedInfo/SignatureMethod", "Algorithm"),
        # A copy stands alone: libxml2 takes the namespace from a part of a tree that is written by itself.
        etree.tostring(copy.deepcopy(info), method="c14n"),
        _bytes(root, "SignatureValue"),
        Key(_number(root, "Modulus"), _number(root, "Exponent")),
    )


def read_key(data: bytes) -> Key:
    """A public key as XML (``RSAKeyValue``), as the vendor or an official hands it on. Raises ValueError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
        parts = {etree.QName(one).localname: (one.text or "") for one in root.iter() if one.text}
        whole = [int.from_bytes(_decoded(parts[name]), "big") for name in ("Modulus", "Exponent")]
    except (etree.XMLSyntaxError, KeyError, TypeError) as why:
        raise ValueError("no RSA key in XML, with Modulus and Exponent") from why
    return Key(*whole)


def faults(signature: Signature, name: str, data: bytes, known: Key | None = None) -> list[str]:
    """Why this file is not the one signed; empty where it is, by the known key or by the file's own."""
    if signature.digest_method not in DIGESTS:
        return [f"the hash {shown(signature.digest_method)}, which is not known here"]
    if signature.method not in METHODS:
        return [f"the signature method {shown(signature.method)}, which is not known here"]
    found = []
    signed_name = signature.file.replace("\\", "/").rsplit("/", 1)[-1]
    if signed_name != base_name(name):
        found.append(f"a signature of the file {shown(signed_name)}")
    if hashlib.new(DIGESTS[signature.digest_method], data).digest() != signature.digest:
        found.append("a file whose bytes are not those that were signed")
    if known is not None and signature.key != known:
        found.append("a signature by another key than the known one")
    elif not _fits(signature, known or signature.key):
        found.append("a signature that does not fit its text and key")
    return found


def check_export(folder: Folder, known: Key | None) -> tuple[FileProblem, ...]:
    """Check every signature of an export, in its folder and in the archives in it; none at all is grave."""
    problems = Problems()
    whole = opened(folder, problems)
    if whole is None:
        return problems.collected()
    right = check_signatures(whole, known, problems)
    for name in whole.names():
        data = read_whole(whole, name, ARCHIVE_BYTES, problems) if name.casefold().endswith(".zip") else None
        inner = open_zip(data, name, problems) if data is not None and is_zip(data[:4]) else None
        right += check_signatures(inner, known, problems) if inner is not None else 0
    if not right and not problems.grave:
        mend = "Ask for the export with its signatures, or read it without asking for them."
        expected = "signature files (.sig.xml) beside the sheets"
        problems.add(Consequence.GRAVE, folder.name, "no signature", expected, mend)
    return problems.collected()


def check_signatures(folder: Folder, known: Key | None, problems: Problems) -> int:
    """Check every signature file of a folder against the file beside it; gives how many were right.

    Without any signature nothing is told. Where some sheets have one, a sheet without one is told.
    """
    names = set(folder.names())
    signatures = [name for name in folder.names() if name.casefold().endswith(ENDING)]
    right = sum(_check(folder, name, known, problems) for name in signatures)
    signed = {name[: -len(ENDING)] for name in signatures}
    sheets = {name for name in names if name.casefold().endswith(".xml")} - set(signatures)
    unsigned = sorted(sheets - signed) if signatures else []
    for name in unsigned[:1]:
        mend = "Ask why these files have none, or copy the export again."
        found, times = "a file without its signature", len(unsigned)
        problems.add(Consequence.COUNT, name, found, "a signature, as beside others", mend, times=times)
    if right and known is None:
        words = f"{right:,} signatures that fit their files, by the key that stands in them"
        mend = "They show that no file was changed by accident. Name the vendor's key to know who signed."
        problems.add(Consequence.NOTE, folder.name, words, "signatures by a known key", mend)
    return right


def _check(folder: Folder, name: str, known: Key | None, problems: Problems) -> bool:
    sheet = name[: -len(ENDING)]
    if sheet not in folder.names():
        found, expected = f"no file {shown(base_name(sheet))} beside its signature", "both"
        problems.add(Consequence.GRAVE, name, found, expected, COPY_AGAIN)
        return False
    own = read_whole(folder, name, MOST_BYTES, problems)
    data = read_whole(folder, sheet, SHEET_BYTES, problems)
    if own is None or data is None:
        return False
    try:
        wrong = faults(read_signature(own), sheet, data, known)
    except ValueError as why:
        wrong = [str(why)]
    for found in wrong:
        expected = "the file that was signed, with its signature"
        problems.add(Consequence.GRAVE, name, found, expected, COPY_AGAIN)
    return not wrong


def _fits(signature: Signature, key: Key) -> bool:
    """RSASSA-PKCS1-v1_5 verification, RFC 8017, section 8.2.2: the whole encoded message must be equal."""
    size = (key.modulus.bit_length() + 7) // 8
    value = int.from_bytes(signature.value, "big")
    if key.modulus.bit_length() < LEAST_BITS or len(signature.value) != size or value >= key.modulus:
        return False
    if not 3 <= key.exponent < 1 << 33:
        return False
    method = METHODS[signature.method]
    told = PREFIXES[method] + hashlib.new(method, signature.signed).digest()
    padded = b"\x00\x01" + b"\xff" * (size - 3 - len(told)) + b"\x00" + told
    return pow(value, key.exponent, key.modulus).to_bytes(size, "big") == padded


def _find(root: etree._Element, path: str) -> etree._Element:
    found = root.find("/".join(SPACE + name for name in path.split("/")))
    if found is None:
        raise ValueError(f"no {path} in the signature")
    return found


def _attribute(root: etree._Element, path: str, name: str) -> str:
    return str(_find(root, path).get(name, ""))


def _bytes(root: etree._Element, path: str) -> bytes:
    return _decoded(_find(root, path).text or "")


def _number(root: etree._Element, name: str) -> int:
    return int.from_bytes(_bytes(root, f"KeyInfo/KeyValue/RSAKeyValue/{name}"), "big")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a value that is not base64") from None
