"""Tallybook: from an election's reported count to a certified outcome that anyone can check.

Officers ask for acts; the law answers, with its citation; the book remembers; the evidence is
published; a stranger checks it. One room per subject; each room's docstring is its page of the map.
"""
