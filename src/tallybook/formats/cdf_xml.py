"""The XML form of NIST's common data formats: safe, streamed, and turned into the shape of the JSON form.

The two forms of SP 1500-100 and SP 1500-103 say the same: an element is a field, ``ObjectId`` is ``@id``,
``xsi:type`` is ``@type``, a list of references is one element with blanks between them. So readers know one
shape only. Entities, document types and the network are off; text and depth keep libxml2's limits.
"""

import re
from collections.abc import Iterator, Mapping, Set
from io import BytesIO
from typing import Any, cast
from xml.sax.saxutils import escape

import msgspec
from lxml import etree

TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
Element = etree._Element
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SUBCLASSES = ("Contest", "Selection", "Unit", "Device")


class Fields(msgspec.Struct, frozen=True):
    """What the XML form does not say of itself: the fields that repeat, those that hold references between
    blanks, and those that are objects even where they are empty."""

    many: frozenset[str]
    references: frozenset[str]
    objects: frozenset[str] = frozenset()


class UnsafeXmlError(ValueError):
    """The file declares a document type or entities, which no export needs and an attacker might."""


def children_of_root(data: bytes, root: str, children: Set[str] = frozenset()) -> Iterator[Element]:
    """Each child of the root element, whole, and freed after its turn; only those named, where some are.

    Raises ValueError where the root has another name, UnsafeXmlError where there is a document type, and
    lxml's XMLSyntaxError where the text is not well-formed XML.
    """
    events = etree.iterparse(
        BytesIO(data),
        events=("end",),
        tag=tuple(f"{{*}}{name}" for name in children) if children else None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    checked = False
    for _, element in events:
        parent = element.getparent()
        if parent is None or parent.getparent() is not None:
            continue
        if not checked:
            _check_root(parent, root)
            checked = True
        yield element
        _free(element)
    if not checked:
        _check_root(cast(Any, events).root, root)


def plain(element: Element, fields: Fields) -> Any:
    """The element in the shape of the JSON form: text, or a dict by field with ``@id`` and ``@type``.

    An element with both attributes and text (a text in a language) keeps its text as ``Content``.
    """
    attributes = {_attribute(str(name)): str(value) for name, value in element.attrib.items()}
    if len(element) == 0 and not attributes and local(element) not in fields.objects:
        return element.text or ""
    found: dict[str, Any] = dict(attributes)
    if len(element) == 0 and element.text and element.text.strip():
        found["Content"] = element.text
    for child in element:
        _add(found, child, fields)
    return found


def local(element: Element) -> str:
    """The element's name without its namespace: vendors use several."""
    return str(element.tag).rpartition("}")[2]


def _add(found: dict[str, Any], child: Element, fields: Fields) -> None:
    name = local(child)
    if name in fields.references:
        found.setdefault(name, []).extend((child.text or "").split())
    elif name in fields.many:
        found.setdefault(name, []).append(plain(child, fields))
    else:
        found[name] = plain(child, fields)


def _attribute(name: str) -> str:
    return {TYPE: "@type", "ObjectId": "@id"}.get(name, name.rpartition("}")[2])


def _check_root(element: Element, root: str) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise UnsafeXmlError("a document type (DOCTYPE)")
    if local(element) != root:
        raise ValueError(f"the root element {local(element)}")


def _free(element: Element) -> None:
    element.clear()
    while (earlier := element.getprevious()) is not None:
        parent = earlier.getparent()
        assert parent is not None, "An earlier sibling has the same parent."
        parent.remove(earlier)


def written(root: str, namespace: str, fields: Mapping[str, Any], references: Set[str]) -> bytes:
    """A document with this root, from the shape of the JSON form; its keys stand in the schema's order.

    ``@type`` is written where the key says nothing of the kind: as ``xsi:type`` of a subclass. A ``Raw``
    value is put in as it is. Raises ValueError for a character that XML cannot hold.
    """
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{namespace}" xmlns:xsi="{xsi}">'
    parts = [start.encode()]
    for name, value in fields.items():
        _write(name, value, references, parts)
    return b"".join([*parts, f"</{root}>\n".encode()])


def fragment(name: str, value: Any, references: Set[str]) -> msgspec.Raw:
    """One element, ready to be put into a document as it is."""
    parts: list[bytes] = []
    _write(name, value, references, parts)
    return msgspec.Raw(b"".join(parts))


def _write(name: str, value: Any, references: Set[str], parts: list[bytes]) -> None:
    if name.startswith("@") or value is None:
        return
    if isinstance(value, msgspec.Raw):
        parts.append(bytes(value))
    elif name in references:
        parts.append(f"<{name}>{_escaped(' '.join(value))}</{name}>".encode())
    elif isinstance(value, list):
        for one in value:
            _write(name, one, references, parts)
    elif isinstance(value, dict):
        _write_fields(name, value, references, parts)
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        parts.append(f"<{name}>{_escaped(text)}</{name}>".encode())


def _write_fields(name: str, fields: Mapping[str, Any], references: Set[str], parts: list[bytes]) -> None:
    kind = str(fields.get("@type", "")).rpartition(".")[2]
    attributes = f' ObjectId="{_escaped(fields["@id"])}"' if "@id" in fields else ""
    attributes += f' xsi:type="{kind}"' if kind.endswith(SUBCLASSES) and kind != name else ""
    if "Language" in fields:
        language, content = _escaped(fields["Language"]), _escaped(fields["Content"])
        parts.append(f'<{name} Language="{language}">{content}</{name}>'.encode())
        return
    parts.append(f"<{name}{attributes}>".encode())
    for field, value in fields.items():
        _write(field, value, references, parts)
    parts.append(f"</{name}>".encode())


def _escaped(text: str) -> str:
    if UNWRITABLE.search(text):
        raise ValueError(f"{text!r} has a character that XML cannot hold.")
    return escape(text, {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})
