"""Addresses of the dashboard, portfolios and transactions."""

from django.urls import path

from portfolios.views import dashboard, entry, portfolio, portfolios, repricing, transactions

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("portfolios/", portfolios.portfolio_list, name="portfolio-list"),
    path("portfolios/new/", portfolios.portfolio_new, name="portfolio-new"),
    path("portfolios/<int:pk>/", portfolio.portfolio_page, name="portfolio"),
    path("portfolios/<int:pk>/edit/", portfolios.portfolio_edit, name="portfolio-edit"),
    path("portfolios/<int:pk>/method/", portfolios.portfolio_method, name="portfolio-method"),
    path("portfolios/<int:pk>/delete/", portfolios.portfolio_delete, name="portfolio-delete"),
    path("transactions/", transactions.transaction_list, name="transaction-list"),
    path("transactions/new/", entry.transaction_new, name="transaction-new"),
    path("transactions/preview/", entry.transaction_preview, name="transaction-preview"),
    path("transactions/deleted/", transactions.transaction_deleted, name="transaction-deleted"),
    path("transactions/repricing/", repricing.transaction_repricing, name="transaction-repricing"),
    path("transactions/<int:pk>/edit/", entry.transaction_edit, name="transaction-edit"),
    path("transactions/<int:pk>/history/", transactions.transaction_history, name="transaction-history"),
    path("transactions/<int:pk>/row/", transactions.transaction_row, name="transaction-row"),
    path("transactions/<int:pk>/delete/", transactions.transaction_delete, name="transaction-delete"),
    path("transactions/<int:pk>/restore/", transactions.transaction_restore, name="transaction-restore"),
    path("transactions/<int:pk>/erase/", transactions.transaction_erase, name="transaction-erase"),
    path("transactions/<int:pk>/price/accept/", repricing.price_accept, name="transaction-price-accept"),
    path("transactions/<int:pk>/price/keep/", repricing.price_keep, name="transaction-price-keep"),
]
