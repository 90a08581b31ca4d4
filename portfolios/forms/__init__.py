"""What people type, read into what the services take."""

from portfolios.forms.amounts import AmountFormField, QuantityFormField
from portfolios.forms.authors import author_mark, author_of
from portfolios.forms.filters import SIZES, FilterForm
from portfolios.forms.gains import GainsForm
from portfolios.forms.kinds import fee_unless_chosen
from portfolios.forms.leaving import LeaveForm
from portfolios.forms.moments import MomentFormField
from portfolios.forms.periods import PeriodForm
from portfolios.forms.portfolios import DeleteForm, MethodForm, PortfolioForm, RenameForm
from portfolios.forms.rows import RowForm
from portfolios.forms.stating import Refusal, refused, tell, why
from portfolios.forms.transactions import TransactionForm

__all__ = [
    "SIZES",
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
    "author_mark",
    "author_of",
    "fee_unless_chosen",
    "refused",
    "tell",
    "why",
]
