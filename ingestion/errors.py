"""What can go wrong with a day as a whole. What goes wrong with one line is quarantined, and raises nothing."""


class ContractError(ValueError):
    """A source contract cannot be used; the message names file, key and remedy."""


class LoadError(RuntimeError):
    """A day cannot be loaded as it lies in the landing area; the message names the path and the remedy."""


class BuildError(RuntimeError):
    """A build cannot be claimed or finished in the state that the warehouse is in."""
