#!/usr/bin/env python3
"""A verdict about one attempt is the same when others stand in the same log, and when the same user tries before and after.

crowded_test.py VPNVERDICT tests/replay [--seed N] [--keep DIR]

The lab's strongSwan logs and those of Libreswan in daemons/, each of one attempt, are put into one log as one daemon would have written them:
  crowd  many users at a time, from addresses of their own
  again  one user from one address, one try after the other
Each attempt must get the causes that it gets alone, by `replay` of the concentrator's log and by `explain` with its client's log; none may
be wrong and certain; and a strong or proven join must be with the concentrator's story of the same address.
"""
import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

BEGIN = datetime(2026, 11, 20, 9, tzinfo=timezone.utc).timestamp()
GATEWAY = "203.0.113.1"
STAMPS = [
    (re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?!\.)"), "%b %d %H:%M:%S"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000"), "%Y-%m-%dT%H:%M:%S+0000"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"), "%Y-%m-%d %H:%M:%S.%f"),
    (re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{6}"), "%b %d %H:%M:%S.%f"),
]
THREAD = re.compile(r"^( )(\d\d)(\[[A-Z]{3}\d?\])")
JOB_BEGINS = re.compile(r"received packet|\[JOB\d?\]|sending (retransmit|keep alive|DPD)|giving up after|\[KNL|deleting half open")
NO_DATA = "esp"  # connected as far as the concentrator can tell; the session's record says more


def read(path):
    """[kind of stamp, seconds, what follows] of each line; whole seconds get a place in their second, in the order of the file."""
    lines, seconds = [], None
    for text in path.read_text(errors="replace").splitlines():
        for kind, (stamp, form) in enumerate(STAMPS):
            if found := stamp.match(text):
                year, form = ("", form) if "%Y" in form else ("2026 ", "%Y " + form)
                seconds = datetime.strptime(year + found[0], form).replace(tzinfo=timezone.utc).timestamp()
                lines.append([kind, seconds, text[found.end():]])
                break
        else:
            lines.append([None, seconds, text])
    if not any(line[1] and line[1] % 1 for line in lines):
        for n, line in enumerate(lines):
            line[1] = line[1] and line[1] + (n % 5000) * 0.0002
    return lines


def text_of(lines):
    out = []
    for kind, seconds, rest in lines:
        stamp = "" if kind is None else datetime.fromtimestamp(seconds, timezone.utc).strftime(STAMPS[kind][1])
        out.append((stamp[:-3] if kind == 2 else stamp) + rest + "\n")
    return "".join(out)


class Piece:
    """One attempt of the lab."""

    def __init__(self, folder):
        self.name = folder.name
        told = {line.split()[0]: line.split()[1:] for line in (folder / "expect.txt").read_text().splitlines() if line and line[0] != "#"}
        self.accept = set(told.get("accept", []))
        self.peer, self.user, self.group = (told.get(key, [""])[0] for key in ("peer", "user", "group"))
        self.client = read(folder / "client.log")
        lines = read(folder / "concentrator.log")
        first = next((n for n, line in enumerate(lines) if "received packet" in line[2]), len(lines))
        self.boot, self.body = lines[:first], [line for line in lines[first:] if "SIGTERM" not in line[2]]
        whole = "".join(line[2] + "\n" for line in self.body)
        senders = set(re.findall(r"received packet: from (\S+) to \S+\[500\]", whole))
        self.usable = (len(senders) == 1 and self.peer and "[MGR" not in whole and lines[0][0] is not None and "Starting IKE" not in whole
                       and next(iter(senders)).startswith(self.peer + "["))
        if self.usable:
            self.gateway = re.search(r"received packet: from \S+ to ([\d.]+)\[", whole)[1]
            self.style = (lines[0][0], re.search(r"<\S*\d+>", whole) is not None)  # of the stamps; and whether sessions are named
            self.kind = "IKEv1" if "Mode IKE_SA" in whole else "IKEv2"

    def numbered(self, rest, number):
        return re.sub(r"<((?:[\w-]+\|)?)(\d+)>|(?<=IKE_SA )([\w-]+|\(unnamed\))\[(\d+)\]|(?<=CHILD_SA )([\w-]+)\{(\d+)\}",
                      lambda m: next(f"{a}{m[n] or ''}{b}{int(m[n + 1]) + 10 * number}{c}" for n, a, b, c in
                                     ((1, "<", "", ">"), (3, "", "[", "]"), (5, "", "{", "}")) if m[n + 1]), rest)

    def placed(self, number, at, peer, user, group=None):
        """Its two logs as number so many of a daemon's, begun then."""
        address, name = r"(?<!\d)(?<!\d\.){}(?!\d|\.\d)", r"(?<![\w@.-]){}(?![\w-])"
        words = [(address, self.gateway, GATEWAY), (address, self.peer, peer), (name, self.user, user)]
        if group and self.group != "marketing":  # the group that nobody has
            words.append((name, self.group, group))
        words = [(re.compile(pattern.format(re.escape(old))), new) for pattern, old, new in words]
        words.append((re.compile(r"(?<![\d.])10\.99\.\d+\.(?!0\b)\d+(?!\d|\.)"), f"10.99.200.{number}"))

        def told(lines, count, shift=at - self.body[0][1]):
            out = []
            for kind, seconds, rest in lines:
                for pattern, word in words:
                    rest = pattern.sub(word, rest)
                out.append([kind, None if seconds is None else seconds + shift, self.numbered(rest, number) if count else rest])
            return out
        self.peer_here, self.at, self.number, self.log, self.client_log = peer, at, number, told(self.body, True), told(self.client, False)
        self.end = max(line[1] for line in self.log)
        return self


class PlutoPiece(Piece):
    """One attempt of Libreswan's; its names of connections are the gateway's own, its client's address is in all of them the same."""

    def __init__(self, folder):
        self.name = folder.name
        told = {line.split()[0]: line.split()[1:] for line in (folder / "expect.txt").read_text().splitlines() if line and line[0] != "#"}
        self.accept = set(told.get("accept", []) + told.get("cause", []))
        self.peer, self.gateway, self.user, self.group = "203.0.113.7", GATEWAY, "alice", "marketing"
        self.client, lines = read(folder / "client.log"), read(folder / "concentrator.log")
        first = next(n for n, line in enumerate(lines) if self.peer in line[2])
        self.boot, self.body = lines[:first], [line for line in lines[first:] if "shutting down" not in line[2]]
        self.kind = "IKEv2" if "-v2-" in self.name else "IKEv1"

    def numbered(self, rest, number):
        rest = re.sub(r"#(\d+)", lambda m: f"#{int(m[1]) + 10 * number}", rest)
        return re.sub(r'("[\w-]+")\[(\d+)\]', lambda m: f"{m[1]}[{int(m[2]) + 10 * number}]", rest)


def merged(pieces, rng):
    """By time; a thread that is at work does no other's job, which goes to one that is free."""
    jobs = []
    for piece in pieces:
        current, before = {}, None
        for line in piece.log:
            found = THREAD.match(line[2])
            thread = found[2] if found else before or id(piece)
            if thread not in current or (JOB_BEGINS.search(line[2]) and not ("sending" in line[2] and before == thread)):
                current[thread] = []
                jobs.append(current[thread])
            current[thread].append(list(line))
            before = thread
    busy = {}
    for job in sorted(jobs, key=lambda job: job[0][1]):
        found = THREAD.match(job[0][2])
        if not found or found[2] == "00":  # Libreswan's has none
            continue
        thread = found[2]
        if busy.get(thread, 0) >= job[0][1]:
            thread = rng.choice([each for each in map("{:02}".format, range(1, 17)) if busy.get(each, 0) < job[0][1]])
            for line in job:
                line[2] = THREAD.sub(lambda m: m[1] + thread + m[3], line[2], count=1)
        busy[thread] = max(busy.get(thread, 0), job[-1][1])
    return sorted((line for job in jobs for line in job), key=lambda line: line[1])


def told_by(program, command, *files):
    form = {"explain": "json", "replay": "jsonl"}[command]
    out = subprocess.run([program, command, *map(str, files), "--format", form, "--year", "2026"], capture_output=True, check=True, timeout=60).stdout
    last = {record["id"]: record for record in (json.loads(out) if form == "json" else map(json.loads, out.splitlines()))}
    return [record for record in last.values() if record["about"] == "attempt" and not record.get("same_as")]


class Check:
    def __init__(self, program, directory):
        self.program, self.directory, self.compared, self.findings = program, directory, 0, []

    def log(self, name, lines):
        (self.directory / name).write_text(text_of(lines))
        return self.directory / name

    def compare(self, what, piece, alone, here):
        self.compared += 1
        causes, now = ({v["cause"] for v in verdicts} for verdicts in (alone, here))
        sure = {v["cause"] for v in alone if v["grade"] == "certain"} | piece.accept
        wrong = [v["cause"] for v in here if v["grade"] == "certain" and v["cause"] not in sure and NO_DATA not in piece.name]
        strangers = [v["peer_ip"] for v in here if v["join"] in ("strong", "proof") and v["peer_ip"] not in ("", piece.peer_here)]
        if causes != now or wrong or strangers:
            self.findings.append(f"{what}: {piece.name} alone {sorted(causes)}, here {sorted(now)}, wrong and certain {wrong}, joined to {strangers}")

    def run(self, what, pieces, rng, with_clients):
        boot = [[kind, BEGIN - 60, rest] for kind, _, rest in pieces[0].boot]
        crowd = self.log(what + ".log", boot + merged(pieces, rng))
        together = told_by(self.program, "replay", crowd)
        for piece in pieces:
            single = self.log(f"{what}-{piece.number}.log", boot + piece.log)
            first, last = (datetime.fromtimestamp(t, timezone.utc).isoformat() for t in (piece.at - 3, piece.end + 3))
            mine = [v for v in together if v["peer_ip"] == piece.peer_here and first <= (v["started_at"] or "") <= last]
            self.compare(what, piece, told_by(self.program, "replay", single), mine)
            if with_clients and piece.client[0][0] is not None:
                client = self.log(f"{what}-client-{piece.number}.log", piece.client_log)
                of_client = [[v for v in told_by(self.program, "explain", client, log) if any(e["source"] == str(client) for e in v["evidence"])]
                             for log in (single, crowd)]
                self.compare(what + " explained", piece, *of_client)


def main():
    asked = argparse.ArgumentParser()
    for name, kind in (("program", str), ("replay", Path), ("--keep", Path), ("--seed", int)):
        asked.add_argument(name, type=kind)
    options = asked.parse_args()
    folders = sorted(path.parent for path in options.replay.glob("lab/*/concentrator.log"))
    pieces = [piece for piece in map(Piece, folders) if piece.usable]
    pluto = [PlutoPiece(path.parent) for path in sorted(options.replay.glob("daemons/pluto-*/concentrator.log"))]
    with tempfile.TemporaryDirectory() as scratch:
        check = Check(options.program, options.keep or Path(scratch))

        def compose(name, of_style, rng):
            rng.shuffle(of_style)
            check.run("crowd-" + name, [piece.placed(n + 1, BEGIN + 5 * n, f"198.18.0.{n + 1}", f"user{n:02}") for n, piece in enumerate(of_style)], rng, True)
            for kind in ("IKEv1", "IKEv2"):
                tries, at = [], BEGIN
                for piece in (piece for piece in of_style if piece.kind == kind):
                    tries.append(piece.placed(len(tries) + 1, at, "198.18.0.77", "carol", "sales"))
                    at = float(int(piece.end) + 120)
                check.run(f"again-{name}-{kind}", tries, rng, False)

        for style in sorted({piece.style for piece in pieces}):
            compose(f"{style[0]}{'-named' if style[1] else ''}", [piece for piece in pieces if piece.style == style], random.Random(options.seed or 1))
        compose("pluto", pluto, random.Random(options.seed or 1))
    print(*check.findings, f"{check.compared} attempts of {len(pieces) + len(pluto)} logs compared, {len(check.findings)} differ", sep="\n")
    return 1 if check.findings or check.compared < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
