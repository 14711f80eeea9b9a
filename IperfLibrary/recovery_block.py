from .recovery import Recovery


def as_html(recovery: Recovery) -> str:
    return ""
