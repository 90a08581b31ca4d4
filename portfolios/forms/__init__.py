"""What people type, read into what the services take."""

from portfolios.forms.amounts import AmountFormField, QuantityFormField
from portfolios.forms.filters import FilterForm
from portfolios.forms.gains import GainsForm
from portfolios.forms.leaving import LeaveForm
from portfolios.forms.moments import MomentFormField
from portfolios.forms.periods import PeriodForm
from portfolios.forms.portfolios import DeleteForm, MethodForm, PortfolioForm, RenameForm
from portfolios.forms.transactions import Refusal, RowForm, TransactionForm, tell

__all__ = [
    "AmountFormField",
    "DeleteForm",
    "FilterForm",
    "GainsForm",
    "LeaveForm",
    "MethodForm",
    "MomentFormField",
    "PeriodForm",
    "PortfolioForm",
    "QuantityFormField",
    "Refusal",
    "RenameForm",
    "RowForm",
    "TransactionForm",
    "tell",
]
