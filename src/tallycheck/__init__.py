"""Tallycheck: reads an evidence package and says whether it proves what it claims.

Standard library only, written from ``docs/spec/`` alone. It shares no code with ``tallybook``.
"""
