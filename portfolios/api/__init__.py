"""Routes about portfolios, and about what is in them."""

from ninja import Router

from portfolios.api import batches, courses, figures, first, portfolios, transactions

router = Router()
router.add_router("", portfolios.router, tags=["portfolios"])
router.add_router("", figures.router, tags=["figures"])
router.add_router("", courses.router, tags=["figures"])
router.add_router("", batches.router, tags=["transactions"])
router.add_router("", transactions.router, tags=["transactions"])
router.add_router("", first.router, tags=["first system"])
