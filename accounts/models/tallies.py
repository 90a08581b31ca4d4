"""How often something was tried: counted in the database, so that all web processes count as one."""

from django.db import models


class Tally(models.Model):
    """How often something was tried within an hour, and when that hour began; whose it is, as a hash."""

    key = models.CharField(max_length=64, unique=True)
    tries = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.tries} since {self.since:%Y-%m-%d %H:%M}"
