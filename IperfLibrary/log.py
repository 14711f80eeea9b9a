"""Robot Framework's log, for texts that may hold what a device printed or what a suite calls it."""

from __future__ import annotations

from robot.api import logger

from .errors import printable


def debug(text: str) -> None:
    logger.debug(printable(text))


def info(text: str) -> None:
    logger.info(printable(text))


def warn(text: str) -> None:
    logger.warn(printable(text))


def console(text: str) -> None:
    """Also on the console: somebody may sit there and wonder why nothing goes on."""
    logger.console(printable(text))


def markup(html: str) -> None:
    """HTML whose foreign texts are escaped already."""
    logger.info(html, html=True)
