"""What a browser or a program calls itself, and how that reads."""

from collections.abc import Mapping

LONGEST = 200  # characters that are kept
# The first that fits counts: most browsers name their ancestors too.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def told_by(headers: Mapping[str, str]) -> str:
    """The User-Agent of a request, as far as it can be stored."""
    said = headers.get("User-Agent", "")
    return "".join(letter for letter in said if letter.isprintable())[:LONGEST].strip()


def in_words(said: str) -> str:
    """A guess that a person recognises: "Firefox on Linux", "curl 8.5.0", "Unknown device"."""
    browser = next((name for mark, name in BROWSERS if mark in said), "")
    system = next((name for mark, name in SYSTEMS if mark in said), "")
    if browser and system:
        return f"{browser} on {system}"
    program = said.split(" ")[0].replace("/", " ")[:40].strip()
    return browser or system or program or "Unknown device"
