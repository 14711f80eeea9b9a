"""Network throughput tests with iperf for Robot Framework.

In a suite: ``Library    IperfLibrary``. See :class:`IperfLibrary.library.IperfLibrary` for the keywords.
"""

from .library import IperfLibrary

__version__ = "0.1.0"
__all__ = ["IperfLibrary", "__version__"]
