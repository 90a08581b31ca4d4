"""What people type, read into what the services take."""

from portfolios.forms.amounts import AmountFormField, QuantityFormField
from portfolios.forms.filters import FilterForm
from portfolios.forms.moments import MomentFormField
from portfolios.forms.portfolios import DeleteForm, MethodForm, PortfolioForm, RenameForm
from portfolios.forms.transactions import Refusal, RowForm, TransactionForm, tell

__all__ = [
    "AmountFormField",
    "DeleteForm",
    "FilterForm",
    "MethodForm",
    "MomentFormField",
    "PortfolioForm",
    "QuantityFormField",
    "Refusal",
    "RenameForm",
    "RowForm",
    "TransactionForm",
    "tell",
]
