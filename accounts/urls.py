"""Addresses of the account pages; the names of the password pages are Django's."""

from django.contrib.auth import views as auth_views
from django.urls import path

from accounts import views

urlpatterns = [
    path("register/", views.register, name="register"),
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("settings/", views.profile, name="settings"),
    path("settings/display/", views.display_settings, name="settings-display"),
    path("settings/security/", views.security, name="settings-security"),
    path("settings/security/others/end/", views.other_places_end, name="other-places-end"),
    path("settings/security/browsers/<int:pk>/end/", views.place_end, name="place-end"),
    path("settings/security/programs/<int:pk>/end/", views.program_end, name="program-end"),
    path("settings/security/tokens/<int:pk>/revoke/", views.api_token_revoke, name="api-token-revoke"),
    path("display/", views.display, name="display"),
    path("password_change/", views.PasswordChangeView.as_view(), name="password_change"),
    path(
        "password_change/done/",
        auth_views.PasswordChangeDoneView.as_view(template_name="accounts/password_change_done.html"),
        name="password_change_done",
    ),
    path("password_reset/", views.PasswordResetView.as_view(), name="password_reset"),
    path(
        "password_reset/done/",
        auth_views.PasswordResetDoneView.as_view(template_name="accounts/password_reset_done.html"),
        name="password_reset_done",
    ),
    path(
        "reset/<uidb64>/<token>/",
        views.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "reset/done/",
        auth_views.PasswordResetCompleteView.as_view(template_name="accounts/password_reset_complete.html"),
        name="password_reset_complete",
    ),
]
