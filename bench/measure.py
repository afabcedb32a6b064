"""Runs programs and says what they took. Alone in turn, on the cores that they are given."""

import collections
import os
import statistics
import sys
import time

Run = collections.namedtuple("Run", "wall cpu megabytes out")
Bounds = collections.namedtuple("Bounds", "median spread")


def bounds(runs, field):
    """The median, and how far apart the least and the most are, as a share of it."""
    values = [getattr(run, field) for run in runs]
    middle = statistics.median(values)
    return Bounds(middle, (max(values) - min(values)) / middle)


class Bench:
    def __init__(self, real_time):
        self.real_time = real_time

    def start(self, words, cores, out):
        pid = os.fork()
        if pid == 0:
            os.sched_setaffinity(0, {cores} if isinstance(cores, int) else cores)
            if self.real_time:
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(out, 1)
            os.dup2(null, 2)
            os.dup2(null, 0)
            os.execvp(words[0], [str(w) for w in words])
        return pid

    def measure(self, words, cores):
        """One run; memory is the largest resident set, mapped files included where a program maps them."""
        read, write = os.pipe()
        start = time.monotonic()
        pid = self.start(words, cores, write)
        os.close(write)
        out = b""
        while piece := os.read(read, 1 << 16):
            out += piece
        os.close(read)
        _, status, used = os.wait4(pid, 0)
        wall = time.monotonic() - start
        complain(words, status)
        return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out)

    def contest(self, rivals, runs, cores):
        """All of them in turn, `runs` times after a warm-up: a machine that slows down slows all."""
        results = {name: [] for name in rivals}
        for turn in range(runs + 1):
            for name, words in rivals.items():
                run = self.measure(words, cores)
                if turn:
                    results[name].append(run)
                    print(f"  {name} {turn}: {run.wall:.3f} s", flush=True)
        return results


def anonymous(words):
    """The most anonymous memory (RssAnon) that was seen, looking every two milliseconds, in 10^6 bytes: what the kernel
    cannot take back. Never in real time, where whoever looks would get no turn; and not from a fork, which has this
    program's memory until it becomes another."""
    words = [str(word) for word in words]
    nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=nothing)
    most = looks = 0
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            complain(words, status)
            print(f"  {most * 1024 / 1e6:.1f} MB, looked {looks} times: {' '.join(words[1:])}", flush=True)
            return most * 1024 / 1e6
        try:
            with open(f"/proc/{pid}/status") as about:
                most = max([most, *(int(line.split()[1]) for line in about if line.startswith("RssAnon:"))])
                looks += 1
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.002)


def complain(words, status):
    if status != 0:
        sys.exit(f"error: {' '.join(map(str, words))} ended with {os.waitstatus_to_exitcode(status)}")
