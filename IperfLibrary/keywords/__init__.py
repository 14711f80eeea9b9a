"""Keywords by topic: mixins of the library's one class. Here and in the modules beside ``library`` alone is Robot Framework known.

The mixins share one ``State``. They log, and only in the main thread: Robot drops what other threads say. No figure is made here,
no process started: that is the business of what they call.
"""
