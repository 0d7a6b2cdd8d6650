"""The logs that the parts of bench/run measure on: a generated fleet, and the same thinned with what else a collector carries.

Two mixes:
  fleet  what `vpnverdict generate` writes, and nothing else: every line is of a VPN attempt, client logs at their debug level
         included. The hardest mix there is.
  busy   the same lines, one in fifty; the others are connections and translations of firewalls and other programs of a syslog
         collector, as they stand around VPN lines in a collector's topic. No peer is helped and none is hurt: everybody reads the same bytes.
Both as NDJSON (rsyslog's and a Beat's envelopes) and as the file that rsyslog writes (raw: stamp, host, tag, message). Deterministic.
"""
import json
import random
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUSY_SHARE = 50  # one VPN line in so many

FIREWALL = [
    "%ASA-6-302013: Built inbound TCP connection {n} for outside:198.51.{a}.{b}/{p} (198.51.{a}.{b}/{p}) to inside:10.1.{c}.{d}/443 (203.0.113.9/443)",
    "%ASA-6-302014: Teardown TCP connection {n} for outside:198.51.{a}.{b}/{p} to inside:10.1.{c}.{d}/443 duration 0:00:{s:02} bytes {m} TCP FINs",
    "%ASA-6-302015: Built outbound UDP connection {n} for outside:192.0.2.53/53 (192.0.2.53/53) to inside:10.1.{c}.{d}/{p} (203.0.113.9/{p})",
    "%ASA-6-302016: Teardown UDP connection {n} for outside:192.0.2.53/53 to inside:10.1.{c}.{d}/{p} duration 0:00:{s:02} bytes {m}",
    "%ASA-6-305011: Built dynamic TCP translation from inside:10.1.{c}.{d}/{p} to outside:203.0.113.9/{p}",
    "%ASA-6-305012: Teardown dynamic TCP translation from inside:10.1.{c}.{d}/{p} to outside:203.0.113.9/{p} duration 0:00:{s:02}",
    '%ASA-4-106023: Deny tcp src outside:198.51.{a}.{b}/{p} dst inside:203.0.113.9/23 by access-group "outside_in" [0x0, 0x0]',
    "%ASA-5-304001: 10.1.{c}.{d} Accessed URL 203.0.113.80:http://intranet.example.com/page/{m}",
]
PROGRAMS = [
    "sshd[{p}]: Failed password for root from 198.51.{a}.{b} port {p} ssh2",
    "kernel: [{n}.{p}] IN=eth0 OUT= SRC=198.51.{a}.{b} DST=203.0.113.9 LEN=60 TTL=52 ID={p} DF PROTO=TCP SPT={p} DPT=23",
    "CRON[{p}]: pam_unix(cron:session): session opened for user root by (uid=0)",
    "postfix/smtpd[{p}]: connect from mail.example.com[198.51.{a}.{b}]",
    "named[812]: client @0x7f2 10.1.{c}.{d}#{p} (www.example.com): query: www.example.com IN A +E(0)K (192.0.2.53)",
    "dhcpd[77]: DHCPACK on 10.1.{c}.{d} to 00:16:3e:{s:02}:00:01 via eth1",
]


def chatter(rng, number):
    """Host, program and text of a line of another program or another device."""
    fields = {"n": number, "m": rng.randrange(100, 90000), "p": rng.randrange(1024, 65535), "s": rng.randrange(60),
              "a": rng.randrange(256), "b": rng.randrange(256), "c": rng.randrange(256), "d": rng.randrange(256)}
    if rng.random() < 0.75:
        return f"fw-{rng.randrange(4)}", "", FIREWALL[rng.randrange(len(FIREWALL))].format(**fields)
    text = PROGRAMS[rng.randrange(len(PROGRAMS))].format(**fields)
    return f"srv-{rng.randrange(8)}", re.match(r"[\w/]+", text)[0].split("/")[0], text


def raw_line(record):
    """The record as rsyslog's file format has it; line breaks inside a message as it escapes them."""
    client = isinstance(record["host"], dict)
    host = record["host"]["name"] if client else record["host"]
    message = record["message"].replace("\t", "#011").replace("\n", "#012")
    return f"{record['@timestamp']} {host} {'vpnclient: ' if client else ''}{message}\n"


# The fleet's logs hold bytes that are no UTF-8, as logs do.
TEXT = {"encoding": "utf-8", "errors": "surrogateescape", "newline": "\n"}


def read(path):
    with open(path, **TEXT) as file:
        return file.readlines()


def write(path, lines):
    with open(path, "w", **TEXT) as file:
        file.writelines(lines)


def record_of(line):
    """None for the few lines that are torn on purpose."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def paths_in(directory):
    return {name: directory / name for name in ("fleet.ndjson", "fleet.log", "busy.ndjson", "busy.log", "inventory.yaml", "failures.txt")}


def made(vpnverdict, directory):
    """Writes {fleet,busy}.{ndjson,log}, inventory.yaml and failures.txt below `directory`, and gives their paths by name. In a process of
    its own: the kernel counts the memory of whoever starts a program as that program's peak."""
    subprocess.run([sys.executable, __file__, vpnverdict, directory], check=True)
    return paths_in(directory)


def make(vpnverdict, directory, attempts=10_000, busy_lines=500_000, seed=7):
    directory.mkdir(parents=True, exist_ok=True)
    paths = paths_in(directory)
    subprocess.run([vpnverdict, "generate", "--attempts", str(attempts), "--seed", str(seed), "--to", paths["fleet.ndjson"],
                    "--truth", directory / "truth.jsonl", "--inventory", paths["inventory.yaml"]], check=True)
    records = [(line, record) for line in read(paths["fleet.ndjson"]) if (record := record_of(line))]
    write(paths["fleet.ndjson"], (line for line, _ in records))
    write(paths["fleet.log"], (raw_line(record) for _, record in records))
    rng = random.Random(seed)
    ndjson, raw = [], []
    for number, (line, record) in enumerate(records[:busy_lines // BUSY_SHARE]):
        ndjson.append(line)
        raw.append(raw_line(record))
        for other in range(BUSY_SHARE - 1):
            host, program, text = chatter(rng, number * BUSY_SHARE + other)
            fields = {"@timestamp": record["@timestamp"], "host": host, "fromhost-ip": f"203.0.113.{200 + int(host[-1])}",
                      **({"programname": program} if program else {}), "message": text}
            ndjson.append(json.dumps(fields, separators=(",", ":")) + "\n")
            raw.append(f"{record['@timestamp']} {host} {text}\n")
    write(paths["busy.ndjson"], ndjson)
    write(paths["busy.log"], raw)
    write(paths["failures.txt"], (text + "\n" for text in failure_texts(vpnverdict)))


def failure_texts(vpnverdict):
    """The longest fixed text of every message of the two dialects that names a failure."""
    facts = (ROOT / "correlator" / "fact.h").read_text()
    failures = set(re.findall(r"X\((\w+), (?:cause|symptom),", facts))
    texts = set()
    for dialect in ("vpn3000", "cisco_vpn_client"):
        listed = subprocess.run([vpnverdict, "messages", "--dialect", dialect], check=True, capture_output=True, text=True).stdout
        for says, pattern in re.findall(r"^\S.*?  +(.*)\n  pattern  (.*)$", listed, re.M):
            if failures.intersection(says.split(", ")):
                texts.add(max(re.split(r"\s*\{[^}]*\}\s*|\n", pattern), key=len).strip())
    return sorted(text for text in texts if len(text) > 5)


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
