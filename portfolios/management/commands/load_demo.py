"""load_demo: a demo user with three portfolios on real prices."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import DEMO_NAME, DEMO_PASSWORD
from portfolios.demo import NameTakenError, load_demo


class Command(BaseCommand):
    help = (
        "Create the demo user (demo / demo) with three portfolios on the price pack's prices. Needs DEMO=1."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo account has a public password: set DEMO=1 to load it.")
        try:
            load_demo(now=timezone.now())
        except NameTakenError as error:
            raise CommandError(f"The demo cannot be loaded: {error}. Set DEMO=0 to go without it.") from None
        except (ValidationError, KeyError) as error:
            raise CommandError(f"Load the price pack first (load_price_pack): {error}") from error
        self.stdout.write(f"The demo is loaded: sign in as {DEMO_NAME} with the password {DEMO_PASSWORD}.")
