"""Hart's signature files, signed here with another library: a changed file, key or signature is found."""

import base64
import hashlib

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tallybook.formats.archives import InMemory
from tallybook.formats.hart_signatures import Key, check_export, faults, read_key, read_signature
from tallybook.formats.problems import Consequence
from tests.rooms.formats.test_detect import as_zip

SPACE = "http://www.w3.org/2000/09/xmldsig#"
PRIVATE = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
SHEET = b'<Cvr xmlns="http://tempuri.org/CVRDesign.xsd"><Contests/></Cvr>'


def base64_of(number: int) -> str:
    return base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()


def key_xml(private: rsa.RSAPrivateKey) -> str:
    numbers = private.public_key().public_numbers()
    return (
        f"<RSAKeyValue><Modulus>{base64_of(numbers.n)}</Modulus>"
        f"<Exponent>{base64_of(numbers.e)}</Exponent></RSAKeyValue>"
    )


def signed(
    data: bytes, name: str, private: rsa.RSAPrivateKey = PRIVATE, shown: rsa.RSAPrivateKey | None = None
) -> bytes:
    """A signature file as .NET writes it: SignedInfo in canonical form is what is signed (W3C C14N 1.0)."""
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    parts = [
        ("CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
    ]
    method = "http://www.w3.org/2001/04/xmlenc#sha256"
    short = "".join(f'<{tag} Algorithm="{value}" />' for tag, value in parts)
    long = "".join(f'<{tag} Algorithm="{value}"></{tag}>' for tag, value in parts)
    rest = '<Reference URI="file:///C:/export/{}">{}<DigestValue>{}</DigestValue></Reference></SignedInfo>'
    written = rest.format(name, f'<DigestMethod Algorithm="{method}" />', digest)
    canonical = rest.format(name, f'<DigestMethod Algorithm="{method}"></DigestMethod>', digest)
    text = f'<SignedInfo xmlns="{SPACE}">{long}{canonical}'.encode()
    value = base64.b64encode(private.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()
    return (
        f'<Signature xmlns="{SPACE}"><SignedInfo>{short}{written}<SignatureValue>{value}</SignatureValue>'
        f"<KeyInfo><KeyValue>{key_xml(shown or private)}</KeyValue></KeyInfo></Signature>"
    ).encode()


def known(private: rsa.RSAPrivateKey = PRIVATE) -> Key:
    return read_key(key_xml(private).encode())


def export(**changed: bytes) -> InMemory:
    files = {"1_a.xml": SHEET, "1_a.xml.sig.xml": signed(SHEET, "1_a.xml")}
    return InMemory(files | {name.replace("__", "."): data for name, data in changed.items()})


def test_a_signature_made_by_another_library_fits() -> None:
    assert faults(read_signature(signed(SHEET, "1_a.xml")), "x/1_a.xml", SHEET, known()) == []


def test_an_export_whose_signatures_fit_has_no_grave_problem_and_says_what_its_own_keys_prove() -> None:
    assert check_export(export(), known()) == ()
    (note,) = check_export(export(), None)
    assert note.consequence is Consequence.NOTE and "1 signatures that fit" in note.found
    archives = {
        f"CVRArchive_{name}.zip": as_zip({name: SHEET, f"{name}.sig.xml": signed(SHEET, name)})
        for name in ("a.xml", "b.xml")
    }
    assert check_export(InMemory(archives), known()) == ()


@pytest.mark.parametrize(
    ("signature", "data", "told"),
    [
        (
            signed(SHEET, "1_a.xml"),
            SHEET.replace(b"<Contests/>", b"<Contests />"),
            "not those that were signed",
        ),
        (signed(SHEET, "1_b.xml"), SHEET, 'a signature of the file "1_b.xml"'),
        (signed(SHEET, "1_a.xml", OTHER), SHEET, "by another key than the known one"),
        (signed(SHEET, "1_a.xml", OTHER, PRIVATE), SHEET, "does not fit its text and key"),
        (signed(SHEET, "1_a.xml").replace(b"rsa-sha256", b"rsa-md5"), SHEET, "not known here"),
        (signed(SHEET, "1_a.xml").replace(b"c14n-20010315", b"c14n-else"), SHEET, "not known here"),
        (signed(SHEET, "1_a.xml")[:300], SHEET, "cannot be read"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + signed(SHEET, "1_a.xml"), SHEET, "DOCTYPE"),
        (b"<Signature/>", SHEET, "no SignedInfo"),
    ],
)
def test_what_was_changed_after_signing_is_grave(signature: bytes, data: bytes, told: str) -> None:
    problems = check_export(export(**{"1_a__xml": data, "1_a__xml__sig__xml": signature}), known())
    assert problems[0].consequence is Consequence.GRAVE
    assert told in " ".join(map(str, problems))


def test_a_signature_without_its_file_and_a_file_without_its_signature_are_told() -> None:
    alone = InMemory({"a.xml.sig.xml": signed(SHEET, "a.xml")})
    assert 'no file "a.xml" beside its signature' in str(check_export(alone, known())[0])
    (problem,) = check_export(export(**{"2_b__xml": SHEET}), known())
    assert (problem.consequence, problem.found) == (Consequence.COUNT, "a file without its signature")


def test_an_export_without_any_signature_is_grave_where_signatures_are_asked_for() -> None:
    (problem,) = check_export(InMemory({"a.xml": SHEET}), known())
    assert (problem.consequence, problem.found) == (Consequence.GRAVE, "no signature")


@pytest.mark.parametrize("data", [b"", b"<x/>", b"<RSAKeyValue><Modulus>!</Modulus></RSAKeyValue>", b"PEM"])
def test_what_is_no_key_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        read_key(data)


def test_a_changed_signature_or_exponent_is_refused() -> None:
    signature = read_signature(signed(SHEET, "1_a.xml"))
    forged = signature.value[:-1] + bytes([signature.value[-1] ^ 1])
    low = Key(signature.key.modulus, 3)
    for changed in (
        msgspec.structs.replace(signature, value=forged),
        msgspec.structs.replace(signature, key=low),
        msgspec.structs.replace(signature, value=b""),
    ):
        told = faults(changed, "1_a.xml", SHEET, changed.key)
        assert told == ["a signature that does not fit its text and key"]
