"""x"""


def add_to(app): ...
