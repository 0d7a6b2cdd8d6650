#!/usr/bin/env python3
"""Pods, partitions, broker load and cost for a rate of lines, from what bench/parts/kafka measured. Arithmetic only.

bench/capacity.py [--ingest CPU_SECONDS_PER_MILLION] [--correlate CPU_SECONDS_PER_MILLION]
"""
import argparse
import math

RATES = (1e6, 10e6, 100e6)

# Measured: CPU seconds per million lines of each stage, busy machine.
INGEST = 1.33
CORRELATE = 0.47
# Measured on a topic with nine lines of other matters to one of a tunnel, bytes a line as the broker keeps them (lz4).
RAW_BYTES = 64
EVENT_BYTES = 5.3
VERDICT_BYTES = 4.3
STATE_BYTES = 7

# Assumed, not measured.
BUSY = 0.6              # how full a core may be: the rest catches up after a restart
POD_CORES = 2
POD_GIB = 1
REPLICAS = 3
BROKER_MB = 100         # megabytes a second that one broker takes, replicas included
RETENTION_H = 24
CORE_HOUR = 0.04        # currency units, cloud list prices of that order
GIB_HOUR = 0.005
GB_MONTH = 0.08
BROKER_HOUR = 0.50
HOURS = 730


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ingest", type=float, default=INGEST)
    parser.add_argument("--correlate", type=float, default=CORRELATE)
    options = parser.parse_args()
    print(f"{options.ingest} and {options.correlate} CPU s per million lines for stage 1 and 2, cores {BUSY:.0%} full, pods of {POD_CORES} cores and {POD_GIB} GiB\n")
    print("| lines/s | cores, stage 1 | cores, stage 2 | pods | raw partitions | shards | written a second, raw / ours | brokers | kept for a day | a month |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for rate in RATES:
        first = rate / 1e6 * options.ingest / BUSY
        second = rate / 1e6 * options.correlate / BUSY
        pods = math.ceil(first / POD_CORES) + math.ceil(second / POD_CORES)
        raw = rate * RAW_BYTES * REPLICAS / 1e6
        ours = rate * (EVENT_BYTES + VERDICT_BYTES + STATE_BYTES) * REPLICAS / 1e6
        brokers = max(3, math.ceil((raw + ours) / BROKER_MB))
        kept_gb = (raw + ours) * 3.6 * RETENTION_H
        cost = HOURS * (pods * (POD_CORES * CORE_HOUR + POD_GIB * GIB_HOUR) + brokers * BROKER_HOUR) + kept_gb * GB_MONTH
        raw_partitions = 2 ** math.ceil(math.log2(max(1, 2 * first)))
        shards = 2 ** math.ceil(math.log2(max(1, 4 * second)))
        print(f"| {rate:,.0f} | {first:,.1f} | {second:,.1f} | {pods:,} | {raw_partitions:,} | {shards:,} | {raw:,.0f} / {ours:,.0f} MB | {brokers:,} | {kept_gb / 1000:,.1f} TB | {cost:,.0f} |")


if __name__ == "__main__":
    main()
