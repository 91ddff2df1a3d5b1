"""The triggers that refuse to change entries. Whatever rebuilds a guarded table repeats this."""

from typing import Any, ClassVar

from django.db import migrations

from tallybook.keep.guards import install_guards


def install(_apps: Any, schema_editor: Any) -> None:
    """Make the guards in the database that is being migrated."""
    install_guards(schema_editor.connection.alias)


class Migration(migrations.Migration):
    """No way back: a keep without guards is not used."""

    dependencies: ClassVar = [("keep", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(install)]
