"""The one error of this room: an argument outside what a function accepts."""


class StatsError(ValueError):
    """`argument` was found to be `found`; `allowed` says in plain words what is accepted."""

    def __init__(self, argument: str, found: object, allowed: str) -> None:
        super().__init__(f"{argument}: found {found!r}; expected {allowed}.")
        self.argument = argument
        self.found = found
        self.allowed = allowed
