"""One peer, as a contender: see contender.py.

    python worker.py with_torch.Training [ARGUMENT]
"""

import importlib
import sys
import time


def main():
    module, maker = sys.argv[1].split(".")
    make = getattr(importlib.import_module(module), maker)
    made = {}
    for task, times in map(str.split, sys.stdin):
        if task not in made:
            made[task] = make(task, *sys.argv[2:])
        start = time.perf_counter()
        for _ in range(int(times)):
            answer = made[task].run()
        print(time.perf_counter() - start, answer, flush=True)


main()
