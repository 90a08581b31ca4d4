"""What the worker does for accounts by the schedule."""

from django.utils import timezone

from accounts import services


def forget_expired() -> str:
    """Sessions, sign-ins and tokens that have run out; how many is kept as the task's result."""
    return services.forget_expired(now=timezone.now())
