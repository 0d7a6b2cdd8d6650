#!/usr/bin/env python3
"""How evenly clusters of concentrators spread over partitions and pods, when a few clusters are far larger than the others.

A cluster is one key: all its lines go to one partition, a hash of its name (shard_of() in correlator/shard.cpp), and partitions go to
pods in ranges, as the group's assignor does. Sizes of clusters fall like 1/rank^s. `cores` is what the largest partition needs of one
core, when a core judges as many lines a second as given; over 1 it cannot keep up, whatever is bought.

bench/shard_balance.py [--seed N] [--rate LINES_A_SECOND] [--core LINES_A_SECOND_AND_CORE]
"""
import argparse
import random
import statistics

TRIALS = 30
CLUSTERS = (100, 1_000, 10_000)
EXPONENTS = (0.8, 1.0)
PARTITIONS = (64, 256, 1024)
FULL = 0.7  # of a core; the rest is for catching up


def loads(dice, clusters, exponent, partitions):
    """Each partition's share of all lines."""
    sizes = [rank ** -exponent for rank in range(1, clusters + 1)]
    total = sum(sizes)
    out = [0.0] * partitions
    for size in sizes:
        out[dice.randrange(partitions)] += size / total
    return out


def heaviest_pod(shares, pods):
    """The largest share of lines that one pod gets; the first ones get a partition more when it does not divide."""
    each, more = divmod(len(shares), pods)
    at, worst = 0, 0.0
    for pod in range(pods):
        count = each + (pod < more)
        worst = max(worst, sum(shares[at:at + count]))
        at += count
    return worst


def pods_needed(shares, rate, core):
    """The fewest pods of one core of which none is more than FULL; none when a single partition is too much."""
    if max(shares) * rate > FULL * core:
        return None
    low, high = 1, len(shares)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if heaviest_pod(shares, middle) * rate <= FULL * core else (middle + 1, high)
    return low


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1e6, help="lines a second of the whole fleet")
    parser.add_argument("--core", type=float, default=1e6, help="lines a second that one core of stage 2 judges")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.rate:,.0f} lines/s, {options.core:,.0f} a core, {TRIALS} trials\n")
    print("| clusters | sizes like | partitions | largest cluster's share | fullest partition / mean, median | worst | cores the fullest needs | pods of one core, median |")
    print("|--:|---|--:|--:|--:|--:|--:|--:|")
    for clusters in CLUSTERS:
        for exponent in EXPONENTS:
            largest = 1 / sum(rank ** -exponent for rank in range(1, clusters + 1))
            for partitions in PARTITIONS:
                dice = random.Random(f"{options.seed}/{clusters}/{exponent}/{partitions}")
                trials = [loads(dice, clusters, exponent, partitions) for _ in range(TRIALS)]
                fullest = [max(shares) for shares in trials]
                pods = [pods_needed(shares, options.rate, options.core) for shares in trials]
                possible = sorted(n for n in pods if n)
                needed = "none will do" if len(possible) <= len(pods) // 2 else f"{possible[len(pods) // 2]}"
                middle = statistics.median(fullest)
                print(f"| {clusters:,} | 1/rank^{exponent} | {partitions:,} | {largest:.2%} | {middle * partitions:.1f} | {max(fullest) * partitions:.1f} "
                      f"| {middle * options.rate / options.core:.2f} | {needed} |")


if __name__ == "__main__":
    main()
