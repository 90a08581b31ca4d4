"""Addresses of the price pages."""

from django.urls import path

from prices import views

urlpatterns = [
    path("", views.price_list, name="price-list"),
    path("backfills/", views.backfill_list, name="backfill-list"),
    path("ticker/", views.ticker, name="price-ticker"),
    path("coins/", views.coins, name="coin-search"),
    path("<str:symbol>/", views.price_page, name="price-page"),
]
