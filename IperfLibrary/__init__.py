"""Network throughput tests with iperf for Robot Framework.

In a suite: ``Library    IperfLibrary``. See :class:`IperfLibrary.library.IperfLibrary` for the keywords. In Python also::

    from IperfLibrary import parse

    result = parse(Path("client.json").read_text().splitlines())    # text, JSON or CSV of iperf3 or iperf2
    result.bits_per_second
"""

from .library import IperfLibrary
from .tools.parsing import parse, parse_all

__version__ = "0.1.0"
__all__ = ["IperfLibrary", "__version__", "parse", "parse_all"]
