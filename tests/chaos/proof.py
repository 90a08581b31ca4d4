"""What must hold when the dust has settled: the log of what was told against the rows that are there."""

import json
from collections import Counter
from pathlib import Path

from tests.chaos.log import Story
from tests.worker.scene import manage

READ = """
import json
from portfolios.models import Transaction
text = lambda number: format(number.normalize(), "f")
rows = Transaction.objects.select_related("asset").order_by("pk")
lines = dict.fromkeys(rows.values_list("pk", flat=True), 0)
for pk in Transaction.history.values_list("id", flat=True):
    lines[pk] = lines.get(pk, 0) + 1
print(json.dumps([{
    "label": row.note, "portfolio": row.portfolio_id, "kind": row.kind, "asset": row.asset.symbol,
    "quantity": text(row.quantity), "unit_price": text(row.unit_price) if row.unit_price else None,
    "at": row.occurred_at.strftime("%Y-%m-%dT%H:%M:%S"), "to": row.to_portfolio_id,
    "is_deleted": row.deleted_at is not None, "version": row.version, "lines": lines[row.pk],
} for row in rows]))
"""
NOT_STATED = ("label", "lines")


def faults(path: Path, environment: dict[str, str]) -> list[str]:
    """Everything that is lost, doubled, half done or otherwise than it was acknowledged, in words."""
    found = json.loads(manage(environment, "shell", "--no-imports", "--command", READ))
    story = Story.read(path)
    return [*_doubled(found), *_otherwise(found, story), *_halves(found, story), *_untraced(found)]


def _doubled(found: list[dict]) -> list[str]:
    often = Counter(row["label"] for row in found)
    return [f"{label} is there {times} times" for label, times in often.items() if times > 1]


def _otherwise(found: list[dict], story: Story) -> list[str]:
    said, possible = [], story.possible()
    there = {row["label"]: {name: row[name] for name in row if name not in NOT_STATED} for row in found}
    said += [f"{label} is there, and nobody asked for it" for label in there.keys() - possible.keys()]
    for label, ways in possible.items():
        if there.get(label) not in ways:
            said.append(f"{label} reads {there.get(label)}, and may only read {ways}")
    return said


def _halves(found: list[dict], story: Story) -> list[str]:
    there = {row["label"] for row in found}
    batches = [labels for labels in story.together() if 0 < len(there & set(labels)) < len(labels)]
    return [f"only some of a batch are there: {labels}" for labels in batches]


def _untraced(found: list[dict]) -> list[str]:
    """Each version leaves one line in the audit trail."""
    return [
        f"{row['label']} has {row['lines']} lines in its trail, and version {row['version']}"
        for row in found
        if row["lines"] != row["version"]
    ]
