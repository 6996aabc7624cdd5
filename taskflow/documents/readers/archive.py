"""Safe reading of office archives: members by name, XML without entities, DTDs or network."""

from __future__ import annotations

import io
import zipfile

from lxml import etree

from taskflow.documents.messages import DocumentError


class Archive:
    """The members of a zip file whose sizes ``detect`` has already checked."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise DocumentError("document.damaged", "file") from error
        self.names = frozenset(self._zip.namelist())

    def read(self, name: str) -> bytes:
        """The bytes of a member; raises ``document.damaged`` when it is missing or broken."""
        try:
            return self._zip.read(name)
        except (
            KeyError,
            zipfile.BadZipFile,
            OSError,
            EOFError,
            RuntimeError,
            NotImplementedError,
            ValueError,
        ) as error:
            raise DocumentError("document.damaged", "file") from error
        except Exception as error:
            raise DocumentError("document.damaged", "file") from error

    def xml(self, name: str) -> etree._Element | None:
        """The root element of a member, or None when the archive has no such member."""
        return parse_xml(self.read(name)) if name in self.names else None


def parse_xml(data: bytes) -> etree._Element:
    """The root of an XML text; refuses entity declarations (billion laughs) and broken XML."""
    if b"<!ENTITY" in data or b"<!DOCTYPE" in data[:4096]:
        raise DocumentError("document.unsafe_xml", "file")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError("document.damaged", "file") from error
    if root is None:
        raise DocumentError("document.damaged", "file")
    return root
