"""What all unit tests share."""

import signal

from hypothesis import settings

# The same examples on each run and on each machine, however slow it is.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

# A shell starts what it runs in the background with INT ignored, and so would be every program that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
