"""The tables of a keep. Entries, exhibits and checkpoints are the record; books and receipts follow from it.

Read and written by `tables.py` only. An entry is its canonical bytes and nothing else: no column repeats a
field that could then disagree.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class EntryRow(models.Model):
    """One entry, never changed. data: canonical JSON as hashed and published; leaf: RFC 6962 leaf hash."""

    pk = models.CompositePrimaryKey("book", "seq")
    book: models.CharField[str, str] = models.CharField(max_length=100)
    seq: models.BigIntegerField[int, int] = models.BigIntegerField()
    data: models.BinaryField[bytes, bytes] = models.BinaryField()
    leaf: models.BinaryField[bytes, bytes] = models.BinaryField()
    objects: ClassVar[models.Manager[EntryRow]] = models.Manager()

    class Meta:
        db_table = "keep_entries"


class ReceiptRow(models.Model):
    """Which entry has an idempotency key. Follows from the entries; unique, so that no key enters twice."""

    pk = models.CompositePrimaryKey("book", "key")
    book: models.CharField[str, str] = models.CharField(max_length=100)
    key: models.CharField[str, str] = models.CharField(max_length=100)
    seq: models.BigIntegerField[int, int] = models.BigIntegerField()
    objects: ClassVar[models.Manager[ReceiptRow]] = models.Manager()

    class Meta:
        db_table = "keep_receipts"


class BookRow(models.Model):
    """The books of the installation, for lists. Follows from their entries 0."""

    book: models.CharField[str, str] = models.CharField(max_length=100, primary_key=True)
    title: models.TextField[str, str] = models.TextField()
    origin: models.TextField[str, str] = models.TextField()
    objects: ClassVar[models.Manager[BookRow]] = models.Manager()

    class Meta:
        db_table = "keep_books"


class ExhibitRow(models.Model):
    """One exhibit on file. name_hash: the fingerprint of a public one, the commitment of a sealed one.

    item: from which the salt of a sealed one is made; empty for a public one.
    """

    name_hash: models.CharField[str, str] = models.CharField(max_length=64, primary_key=True)
    sealed: models.BooleanField[bool, bool] = models.BooleanField()
    name: models.CharField[str, str] = models.CharField(max_length=200)
    length: models.BigIntegerField[int, int] = models.BigIntegerField()
    item: models.CharField[str, str] = models.CharField(max_length=300, default="")
    objects: ClassVar[models.Manager[ExhibitRow]] = models.Manager()

    class Meta:
        db_table = "keep_exhibits"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item"], condition=~models.Q(item=""), name="keep_one_item"),
        ]


class CheckpointRow(models.Model):
    """One published checkpoint as published: text, the log's signature, cosignatures. Never changed.

    A cosignature that comes later makes a further row of the same size.
    """

    book: models.CharField[str, str] = models.CharField(max_length=100)
    size: models.BigIntegerField[int, int] = models.BigIntegerField()
    note: models.BinaryField[bytes, bytes] = models.BinaryField()
    objects: ClassVar[models.Manager[CheckpointRow]] = models.Manager()

    class Meta:
        db_table = "keep_checkpoints"
        indexes: ClassVar = [models.Index(fields=["book", "size"], name="keep_checkpoint_size")]
