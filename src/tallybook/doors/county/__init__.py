"""The demonstration of an audit: a made-up county of 100,000 cards, from its export to a checked package.

Everybody in it is invented, and so is its law. What stands on the cards, what the voting system recorded and
which cards nobody can find follow from one fixed number, so that every machine makes the same bytes.
"""
