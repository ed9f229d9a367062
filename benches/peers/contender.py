"""A process that does what it is told, and how much of a processor that takes."""

import os
import subprocess
import time

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


class Contender:
    """It reads the name of a task and how often to do it a line, and answers with the
    seconds that took by the clock and a number that tells whether it did."""

    def __init__(self, command, cores=1, beside=0):
        """On so many of the last cores, but for those that others have beside it."""
        self.cores = cores
        every = sorted(os.sched_getaffinity(0))
        own = every[: len(every) - beside][-cores:] or every
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ONE_THREAD,
            preexec_fn=lambda: os.sched_setaffinity(0, own),
        )

    def run(self, task, times):
        """Seconds of a processor, and the answer. What has several cores goes by the
        clock."""
        before = self.processor_seconds()
        self.ask(task, times)
        seconds, answer = self.answer()
        if self.cores == 1:
            seconds = self.processor_seconds() - before
        return seconds, answer

    def ask(self, task, times):
        print(task, times, file=self.process.stdin, flush=True)

    def answer(self):
        """Seconds by the clock, and the answer."""
        return map(float, self.process.stdout.readline().split())

    def processor_seconds(self):
        """Of all threads, those that have ended included."""
        # How Linux numbers the clock of another process: clock_getcpuclockid(3), which
        # Python does not have.
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Pair:
    """Two processes that do the same at once, each on a core of its own, by the clock of
    the slower one: what two threads could reach."""

    cores = 2

    def __init__(self, command):
        self.both = [Contender(command, beside=n) for n in range(self.cores)]

    def run(self, task, times):
        for one in self.both:
            one.ask(task, times)
        return max(tuple(one.answer()) for one in self.both)

    def end(self):
        for one in self.both:
            one.end()
