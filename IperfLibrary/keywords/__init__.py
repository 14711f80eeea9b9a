"""Keywords by topic: mixins of the library's one class."""
