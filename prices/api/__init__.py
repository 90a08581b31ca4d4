"""Routes about the market, and about how this installation is doing."""

from ninja import Router

from prices.api import snapshots, state

router = Router()
router.add_router("", state.router, tags=["state"])
router.add_router("", snapshots.router, tags=["prices"])
