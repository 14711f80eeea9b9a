"""The version, in the one place from which everything else takes it: package, keyword documentation, ``IperfLibrary.__version__``."""

__version__ = "0.1.0"
