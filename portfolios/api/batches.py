"""Many transactions at once."""

from django.http import HttpRequest
from ninja import Router, Status

from portfolios import services
from portfolios.api.access import OwnPortfolio
from portfolios.api.stating import batched
from portfolios.schemas import BatchIn, Recorded
from prices.schemas import Items

router = Router()


@router.post("/portfolios/{int:portfolio}/transactions/batch", response={201: Items[Recorded]})
def record_batch(request: HttpRequest, portfolio: OwnPortfolio, body: BatchIn) -> Status:
    """All or nothing; what is wrong is told as `items.INDEX.FIELD`."""
    drafts = batched(request.user, portfolio, body.items)
    rows = services.record_batch(portfolio=portfolio, drafts=drafts, now=request.now)
    items = [Recorded.model_construct(id=row.pk, external_id=row.external_id) for row in rows]
    return Status(201, Items[Recorded].model_construct(items=items, count=len(items)))
