"""One suite, two backends: the embedded cluster of `vip-tui demo`, and the lab's real nodes.

Where they differ, the embedded one is wrong.
"""
