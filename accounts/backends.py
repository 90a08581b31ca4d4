"""Who may sign in: Django's rules, and the demo account in demo mode alone."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser


class AccountBackend(ModelBackend):
    """Asked at sign-in and again at every request, so leaving demo mode ends the demo account's sessions."""

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        demo_elsewhere = getattr(user, "is_demo", False) and not settings.DEMO
        return super().user_can_authenticate(user) and not demo_elsewhere
