"""Routes about the market, and about how this installation is doing."""

from ninja import Router

from prices.api import state

router = Router()
router.add_router("", state.router, tags=["state"])
