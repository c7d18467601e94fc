"""What can be wrong with a calendar feed."""


class FeedProblem(Exception):
    """Why a feed has no good copy. ``code`` has its words in ``messages.py``; ``detail`` is a few words of its own.

    It never carries the feed's address, which is a secret.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.detail = " ".join(detail.split())[:100]
        super().__init__(self.code, self.detail)
