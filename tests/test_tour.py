"""The tour of docs/api.md, run as it stands: every command in one shell, against a live server."""

import csv
import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings

from prices.models import PriceSnapshot
from prices.services.pack import FILES
from tests.factories import AssetFactory, FiatFactory, day

TOUR = (settings.BASE_DIR / "docs/api.md").read_text()
BLOCK = re.compile(r"```(sh|json)\n(.*?)```", re.DOTALL)
HOME = "http://localhost:8000/api"
ANYTHING = "…"
END = "=== end of a block ==="


def test_every_block_of_commands_is_followed_by_what_it_says() -> None:
    kinds = [kind for kind, _ in BLOCK.findall(TOUR)]
    assert kinds == ["sh", "json"] * (len(kinds) // 2)
    assert len(kinds) >= 20


@pytest.mark.django_db(transaction=True)
def test_the_tour_is_true(live_server, pack) -> None:
    blocks = [text for _, text in BLOCK.findall(TOUR)]
    with time_machine.travel(day("2025-02-01"), tick=True):
        answers = run(blocks[::2], f"{live_server.url}/api")
    for commands, promised, said in zip(blocks[::2], blocks[1::2], answers, strict=True):
        told, real = list(parsed(promised)), list(parsed(said))
        assert len(told) == len(real), f"{commands}\nsaid {said}"
        for one, other in zip(told, real, strict=True):
            assert holds(one, other), f"{commands}\nsaid {other}\nwhere the tour has {one}"


@pytest.fixture
def pack(transactional_db) -> None:
    """What the price pack that ships says of Bitcoin and the euro in the time of the tour."""
    assets = {"BTC": AssetFactory(), "EUR": FiatFactory()}
    for path, column, source in FILES:
        with gzip.open(path, "rt", encoding="ascii", newline="") as file:
            PriceSnapshot.objects.bulk_create(
                PriceSnapshot(
                    asset=assets[row[column]],
                    at=day(row["at"][:10]),
                    price=Decimal(row["price_usd"]),
                    source=source,
                )
                for row in csv.DictReader(file)
                if row[column] in assets and "2023-12" < row["at"] < "2025-01-03"
            )


def run(blocks: list[str], address: str) -> list[str]:
    """What each block of commands says."""
    for program in ("bash", "curl", "sed"):
        assert shutil.which(program), f"There is no {program}: the tour of docs/api.md needs it"
    script = f"\necho '{END}'\n".join(block.replace(HOME, address) for block in blocks)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.split(END)


def parsed(text: str) -> Iterator[Any]:
    """One JSON value after another, and the numbers of HTTP between them."""
    decoder, place = json.JSONDecoder(), 0
    while match := re.compile(r"\S").search(text, place):
        value, place = decoder.raw_decode(text, match.start())
        yield value


def holds(promised: Any, said: Any) -> bool:
    """Whether everything that is promised was said; of an object something more may be said."""
    if promised == ANYTHING:
        return said is not None
    if isinstance(promised, dict):
        return isinstance(said, dict) and all(holds(each, said.get(name)) for name, each in promised.items())
    if isinstance(promised, list) and isinstance(said, list):
        return len(promised) == len(said) and all(map(holds, promised, said))
    return bool(promised == said)
