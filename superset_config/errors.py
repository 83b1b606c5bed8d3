"""What goes wrong with Superset, as one sentence in Chinese and one in English.

Its own small class, because this package also serves a Superset that runs without the hub.
"""

from __future__ import annotations


class SupersetError(Exception):
    """Superset cannot be installed, reached, signed in to or provisioned; both sentences can be shown to a user as
    they are.
    """

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(f"{message_zh} · {message_en}")
        self.message_zh = message_zh
        self.message_en = message_en
