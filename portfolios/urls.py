"""Addresses of the dashboard, portfolios and transactions."""

from django.urls import path

from portfolios.views import (
    asset,
    books,
    dashboard,
    entry,
    explained,
    portfolio,
    portfolios,
    repricing,
    transactions,
)

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("explain/<str:figure>/", explained.explain_all, name="explain"),
    path("explain/<str:symbol>/<str:figure>/", explained.explain_all, name="explain-asset"),
    path("books/", books.all_books, name="books"),
    path("portfolios/", portfolios.portfolio_list, name="portfolio-list"),
    path("portfolios/new/", portfolios.portfolio_new, name="portfolio-new"),
    path("portfolios/<int:pk>/", portfolio.portfolio_page, name="portfolio"),
    path("portfolios/<int:pk>/explain/<str:figure>/", explained.explain_portfolio, name="portfolio-explain"),
    path("portfolios/<int:pk>/books/", books.portfolio_books, name="portfolio-books"),
    path("portfolios/<int:pk>/assets/<str:symbol>/", asset.asset_page, name="asset"),
    path(
        "portfolios/<int:pk>/assets/<str:symbol>/explain/<str:figure>/",
        explained.explain_portfolio,
        name="asset-explain",
    ),
    path("portfolios/<int:pk>/edit/", portfolios.portfolio_edit, name="portfolio-edit"),
    path("portfolios/<int:pk>/method/", portfolios.portfolio_method, name="portfolio-method"),
    path("portfolios/<int:pk>/delete/", portfolios.portfolio_delete, name="portfolio-delete"),
    path("transactions/", transactions.transaction_list, name="transaction-list"),
    path("transactions/new/", entry.transaction_new, name="transaction-new"),
    path("transactions/preview/", entry.transaction_preview, name="transaction-preview"),
    path("transactions/deleted/", transactions.transaction_deleted, name="transaction-deleted"),
    path("transactions/repricing/", repricing.transaction_repricing, name="transaction-repricing"),
    path("transactions/<int:pk>/edit/", entry.transaction_edit, name="transaction-edit"),
    path(
        "transactions/<int:pk>/explain/<str:figure>/",
        explained.explain_transaction,
        name="transaction-explain",
    ),
    path("transactions/<int:pk>/history/", transactions.transaction_history, name="transaction-history"),
    path("transactions/<int:pk>/row/", transactions.transaction_row, name="transaction-row"),
    path("transactions/<int:pk>/delete/", transactions.transaction_delete, name="transaction-delete"),
    path("transactions/<int:pk>/restore/", transactions.transaction_restore, name="transaction-restore"),
    path("transactions/<int:pk>/price/accept/", repricing.price_accept, name="transaction-price-accept"),
    path("transactions/<int:pk>/price/keep/", repricing.price_keep, name="transaction-price-keep"),
]
