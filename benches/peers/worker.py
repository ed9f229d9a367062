"""One peer: reads the name of a shape a line, trains an epoch, and answers with the
seconds it took and the mean loss.

    python worker.py torch
"""

import importlib
import sys
import time

from shapes import SHAPES


def main():
    peer = importlib.import_module(f"with_{sys.argv[1]}")
    trainings = {}
    for name in map(str.strip, sys.stdin):
        if name not in trainings:
            trainings[name] = peer.Training(SHAPES[name])
        start = time.perf_counter()
        loss = trainings[name].run()
        print(time.perf_counter() - start, loss, flush=True)


main()
