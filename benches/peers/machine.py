"""On what was measured."""

import os


def machine():
    """The processor, and how busy it was when the program began."""
    names = [l for l in open("/proc/cpuinfo") if l.startswith("model name")]
    return f"{names[0].split(':')[1].strip()}, {os.cpu_count()} cores"


def busy(load):
    """What there is to say of the load average."""
    return f"on which on average {load:.1f} other programs wanted a core when it began"
