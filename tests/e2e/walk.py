"""Walking an office by its links, and what is looked at on each page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
#: How many pages of one kind (the same address but for its numbers) are opened.
OF_A_KIND = {"/tasks/N": 3}

#: Pages on which the structure is looked at on a phone too.
FRAMES = 3

#: Words that a page shows when it was not translated. Left out: words that are Vietnamese syllables too (to, no, on …).
ENGLISH = re.compile(
    r"\b(and|of|is|are|was|has|been|not|yes|for|from|with|this|that|these|your|you|any|new|old|save|cancel|delete|edit"
    r"|open|close|show|hide|back|next|previous|page|search|filter|send|tasks?|units?|users?|person|people|documents?"
    r"|deadlines?|import|export|files?|rows?|names?|date|days?|reason|state|status|settings|errors?|messages?|reports?"
    r"|please|must|cannot|several|other|nothing|none|never|only|more|first|last|when|what|who|how|choose|there|[a-z]+_[a-z_]+)\b",
    re.IGNORECASE,
)
#: All that a page says: its text, what screen readers are told, what fields suggest. What is quoted from machines
#: (``code``) stays out.
WORDS = """() => {
  const said = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    if (!walker.currentNode.parentElement.closest("script, style, code, pre")) said.push(walker.currentNode.data);
  for (const one of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]"))
    for (const name of ["aria-label", "placeholder", "title", "alt"]) said.push(one.getAttribute(name) ?? "");
  said.push(...Object.values(document.getElementById("texts")?.dataset ?? {}));
  return said.join("\\n").replace(/[{][a-z]+[}]/g, "…");
}"""

#: Rules of axe on the whole page (``structure``), and the contrast of what has not been seen before. Style follows from
#: the elements around and their classes and states alone (the content policy forbids styles on elements), and contrast
#: is slow.
LOOK = """async ([known, structure]) => {
  const seen = new Set(known), fresh = [], texts = [];
  const states = ["aria-current", "aria-disabled", "disabled", "open", "type", "role"];
  const hash = (text) => { let sum = 7; for (const one of text) sum = (sum * 31 + one.charCodeAt(0)) | 0; return sum; };
  const look = (one) => {
    if (one === document.documentElement) return innerWidth;
    const own = one.tagName + "." + one.className.toString() + states.map((name) => one.getAttribute(name) ?? "");
    return hash(own + look(one.parentElement));
  };
  for (const one of document.body.querySelectorAll("*")) {
    if (![...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
    const found = look(one);
    if (seen.has(found)) continue;
    seen.add(found); fresh.push(found); texts.push(one);
  }
  const options = { resultTypes: ["violations"] };
  const violations = [];
  if (structure) {
    const whole = await axe.run(document, { ...options, rules: { "color-contrast": { enabled: false } } });
    violations.push(...whole.violations);
  }
  if (texts.length) {
    const contrast = await axe.run({ include: texts }, { ...options, runOnly: ["color-contrast"] });
    violations.push(...contrast.violations);
  }
  const grave = violations.filter((one) => ["serious", "critical"].includes(one.impact));
  return [fresh, grave.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`)];
}"""


class Look:
    """Looks at pages and collects what is wrong with them."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}
        self._known: set[int] = set()
        self._pages = 0
        self._script = Axe().axe_script

    @property
    def complaints(self) -> str:
        """What is wrong, once, with the pages on which it is."""
        return "\n".join(f"{text}\n    {', '.join(places)}" for text, places in self._found.items())

    def at(self, page: Page) -> None:
        """Look at the page that is shown, on a desk and on a phone."""
        self._pages += 1
        page.wait_for_load_state()
        self._words(page)
        page.evaluate(self._script)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type] # a mapping of the two sides
            # On a phone the frame differs, and is the same on every page: the first ones speak for all.
            structure = size is DESK or self._pages <= FRAMES
            fresh, grave = page.evaluate(LOOK, [list(self._known), structure])
            self._known.update(fresh)
            for one in grave:
                self._note(page, f"at {size['width']} px: {one}")
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            self._note(page, "wider than a phone")

    def _words(self, page: Page) -> None:
        said = page.evaluate(WORDS)
        for found in ENGLISH.finditer(said):
            around = " ".join(said[max(0, found.start() - 30) : found.end() + 30].split())
            self._note(page, f"“{found.group()}” in: {around}")

    def _note(self, page: Page, text: str) -> None:
        self._found.setdefault(text, []).append(page.url)


def kind_of(address: str) -> str:
    """Addresses that differ in their numbers only lead to the same kind of page."""
    return re.sub(r"\d+", "N", urlsplit(address).path)


def pages(page: Page) -> Iterator[str]:
    """Open every kind of page that links lead to from the page that is shown; yields while each is shown."""
    host = urlsplit(page.url).netloc
    seen: dict[str, int] = {}
    waiting = [page.url]
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        if seen.get(kind, 0) >= OF_A_KIND.get(kind, 1):
            continue
        seen[kind] = seen.get(kind, 0) + 1
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{answer.status}: {address}"
        yield address
        links = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.href)")
        waiting += [link.partition("#")[0] for link in links if urlsplit(link).netloc == host and not is_file(link)]


def is_file(link: str) -> bool:
    """Whether a link leads to something that is saved and not shown."""
    return bool(re.search(r"\.(xlsx|docx|json|png)$|/files?(/|$)", urlsplit(link).path))
