"""CPU seconds of whole processes, in turns, so that whatever else the machine does hits all alike."""
import os
import statistics
import subprocess


def cpu_seconds(command, stdin=None, stdout=subprocess.DEVNULL):
    """User and system time of one run, and its peak memory in MiB. Its output goes through a pipe unless said otherwise: grep stops at the
    first hit when it sees /dev/null."""
    pipe = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) if stdout is subprocess.PIPE else None
    process = subprocess.Popen(command, stdin=stdin or subprocess.DEVNULL, stdout=pipe.stdin if pipe else stdout, stderr=subprocess.DEVNULL)
    if pipe:
        pipe.stdin.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if pipe:
        pipe.wait()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def in_turns(commands, rounds):
    """{name: command} to {name: [cpu seconds of each round]} and {name: peak MiB}."""
    times, peaks = {name: [] for name in commands}, {}
    for turn in range(rounds):
        names = list(commands)
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            seconds, peak = cpu_seconds(commands[name], stdout=subprocess.PIPE)
            times[name].append(seconds)
            peaks[name] = max(peak, peaks.get(name, 0))
    return times, peaks


def ratio(times, name, to):
    """Median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(times[name], times[to]))


def median(values):
    return statistics.median(values)
