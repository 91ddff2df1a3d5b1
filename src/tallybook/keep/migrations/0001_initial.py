"""The tables of a keep: entries, receipts, books, exhibits, published checkpoints."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The first."""

    initial = True

    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="BookRow",
            fields=[
                ("book", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("title", models.TextField()),
                ("origin", models.TextField()),
            ],
            options={
                "db_table": "keep_books",
            },
        ),
        migrations.CreateModel(
            name="EntryRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "book", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("book", models.CharField(max_length=100)),
                ("seq", models.BigIntegerField()),
                ("data", models.BinaryField()),
                ("leaf", models.BinaryField()),
            ],
            options={
                "db_table": "keep_entries",
            },
        ),
        migrations.CreateModel(
            name="ReceiptRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "book", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("book", models.CharField(max_length=100)),
                ("key", models.CharField(max_length=100)),
                ("seq", models.BigIntegerField()),
            ],
            options={
                "db_table": "keep_receipts",
            },
        ),
        migrations.CreateModel(
            name="CheckpointRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("book", models.CharField(max_length=100)),
                ("size", models.BigIntegerField()),
                ("note", models.BinaryField()),
            ],
            options={
                "db_table": "keep_checkpoints",
                "indexes": [models.Index(fields=["book", "size"], name="keep_checkpoint_size")],
            },
        ),
        migrations.CreateModel(
            name="ExhibitRow",
            fields=[
                ("name_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sealed", models.BooleanField()),
                ("name", models.CharField(max_length=200)),
                ("length", models.BigIntegerField()),
                ("item", models.CharField(default="", max_length=300)),
            ],
            options={
                "db_table": "keep_exhibits",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("item", ""), _negated=True),
                        fields=("item",),
                        name="keep_one_item",
                    )
                ],
            },
        ),
    ]
