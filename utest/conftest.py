"""What all unit tests share."""

from hypothesis import settings

# The same examples on each run and on each machine, however slow it is.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
