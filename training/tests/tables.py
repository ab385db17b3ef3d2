"""Markdown tables as the formatter leaves them, compared with tables as the code writes them."""

from __future__ import annotations

import re


def squeezed(text: str) -> str:
    """The text without the spaces and dashes that line up its tables' columns."""
    return re.sub(r"-{3,}", "---", re.sub(r" {2,}", " ", text))
