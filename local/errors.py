"""What the local stack says when it cannot go on."""


class LocalError(RuntimeError):
    """Something a person has to mend: `what` happened, and the `remedy`."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}\nRemedy: {remedy}")
