"""The template tag `{% icon "plus" %}`: a symbol of static/icons.svg, decorative, in the colour of its text.

`{% static_if_there "img/shot.webp" as shot %}` is for files that an installation may lack: "" then.
"""

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def icon(name: str) -> str:
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag
def static_if_there(path: str) -> str:
    """The address of a static file, or "" where it is missing, which must not break a page."""
    try:
        return static(path) if finders.find(path) else ""
    except ValueError:  # on disk, but not among the collected files
        return ""
