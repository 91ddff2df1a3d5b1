"""The room as Django knows it: one app, named `keep`. Every migration ends with a look at the guards."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KeepConfig(AppConfig):
    """The app of the tables."""

    name = "tallybook.keep"
    label = "keep"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have each migration, whoever asks for it, checked: a rebuilt table loses its triggers silently."""
        post_migrate.connect(_check_guards, sender=self)


def _check_guards(using: str, **_: Any) -> None:
    from tallybook.keep.guards import check_guards

    check_guards(using)
