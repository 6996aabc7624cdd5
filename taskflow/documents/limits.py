"""Every limit of the document reader in one place. Sizes in bytes, times in seconds.

A file over a limit is refused as a whole with a sentence that says the limit; nothing is cut off silently.
"""

from __future__ import annotations

MAX_UPLOAD = 50 * 1024 * 1024
MAX_UNZIPPED = 400 * 1024 * 1024  # all members of an office archive together
MAX_ZIP_RATIO = 200  # unpacked / packed, once the archive is larger than RATIO_FLOOR unpacked
RATIO_FLOOR = 20 * 1024 * 1024
MAX_ZIP_MEMBERS = 5_000
MAX_XML_DEPTH = 400
MAX_PAGES = 500
MAX_OCR_PAGES = 60
MAX_PIXELS = 80_000_000  # one scanned page or picture
MAX_ROWS = 20_000  # of all tables together
MAX_COLUMNS = 200
MAX_CELLS = 400_000
MAX_TEXT = 8_000_000  # characters of a text file or of pasted text
MAX_ITEMS = 10_000

PARSE_SECONDS = 120
OCR_SECONDS = 900
OFFICE_SECONDS = 90  # one conversion by LibreOffice
PARSE_MEMORY = 1_500 * 1024 * 1024  # address space of the parsing process
