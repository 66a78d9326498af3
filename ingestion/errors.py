"""What can go wrong. The errors stop a contract, a day or a build; `Rejected` holds back one line of a file."""


class ContractError(ValueError):
    """A source contract cannot be used; the message names file, key and remedy."""


class LoadError(RuntimeError):
    """A day cannot be loaded as it lies in the landing area; the message names the path and the remedy."""


class StoreError(RuntimeError):
    """What holds the landing area does not answer, or refuses; later it may. The message names path and remedy."""


class BuildError(RuntimeError):
    """A build cannot be claimed or finished in the state that the warehouse is in."""


class Rejected(Exception):
    """One line cannot become a row, and goes to the quarantine.

    It has a stage (read, parse, map, rule), an error code, and a detail for a person.
    """

    def __init__(self, stage: str, code: str, detail: str) -> None:
        super().__init__(stage, code, detail)
        self.stage, self.code, self.detail = stage, code, detail
