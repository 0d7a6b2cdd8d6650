#!/usr/bin/env python3
"""The same log told in another form must get the same verdict.

usage: retold_test.py REPLAY_REPORT REPLAY_DIR [--form PATTERN] [--keep DIR]    (README.md of REPLAY_DIR)

Each form below retells the logs of the replay folders without changing what they say: another envelope, another relay, other
blanks, other addresses, names and days, other programs' lines in between. The verdicts must be those of the logs as they are. The last forms
lose lines: what is left may be weaker, but never a wrong cause graded certain, nor `connected` for who was not.
"""
import argparse
import datetime
import hashlib
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

UTC = datetime.timezone.utc
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
HOSTS = {"client": "pc-17", "concentrator": "vpn1.example.net"}
STAMP = re.compile(
    r"(?<![\d:.])(?:(?P<y>\d{4})-(?P<mo>\d\d)-(?P<d>\d\d)[T ]|(?P<us>\d\d/\d\d/\d{4}) |(?P<mon>" + "|".join(MONTHS) +
    r") +(?P<day>\d{1,2}) (?:(?P<year>\d{4}) )?)(?P<clock>\d\d:\d\d:\d\d)(?P<fraction>\.\d+)?"
    r"|(?<!\d)(?P<first>\d\d:\d\d:\d\d)(?P<ms>\.\d+) +(?P<date>\d\d/\d\d/\d\d(?:\d\d)?)(?!\d)")
ADDRESS = re.compile(r"(?<!\d)(?<!\d\.)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?!\d)(?!\.\d)")
NOISE = [
    "sshd[2211]: Failed password for invalid user admin from 203.0.113.250 port 4022 ssh2",
    "CRON[991]: (root) CMD (/usr/lib/sa/sa1 1 1)",
    "kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.250 DST=192.0.2.1 PROTO=UDP SPT=500 DPT=500",
    "named[77]: client 203.0.113.250#500: query refused",
]
LAB_BYTES_MAX = 15_000
NAMES = {"blank": "john doe", "utf8": "müller", "realm": "alice@example.org", "domain": "CORP\\alice", "long": "a" * 64, "failed": "failed",
         "address": "10.0.0.1", "words": "You are connected", "brackets": "<sales>"}


def moment(match, year):
    """Seconds since 1970 of a stamp; its zone, if it has one, is UTC in all folders."""
    g = match.groupdict()
    if g["y"]:
        day = (int(g["y"]), int(g["mo"]), int(g["d"]))
    elif g["mon"]:
        day = (int(g["year"] or year), MONTHS.index(g["mon"]) + 1, int(g["day"]))
    else:
        month, day_, y = (g["us"] or g["date"]).split("/")
        day = (int(y) + (2000 if len(y) == 2 else 0), int(month), int(day_))
    try:
        clock = [int(part) for part in (g["clock"] or g["first"]).split(":")]
        return datetime.datetime(*day, *clock, tzinfo=UTC).timestamp() + float("0" + (g["fraction"] or g["ms"] or ""))
    except ValueError:
        return None


def moments(lines, year, window):
    """When each line was written: its stamp, else that of a neighbour, else somewhere in the window."""
    out = []
    for line in lines:
        match = STAMP.search(line[:80])
        out.append(moment(match, year) if match else (out[-1] if out else None))
    first = next((t for t in out if t is not None), None)
    if first is None and window is None:
        return None
    begin, end = window or (0, 0)
    return [(first if first is not None else begin + (end - begin) * i / len(lines)) if t is None else t for i, t in enumerate(out)]


def bsd(t):
    time = datetime.datetime.fromtimestamp(t, UTC)
    return f"{MONTHS[time.month - 1]} {time.day:2} {time:%H:%M:%S}"


def iso(t):
    return datetime.datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Folder:
    def __init__(self, path, root):
        self.name = str(path.relative_to(root))
        self.expect = (path / "expect.txt").read_text()
        self.words = {w[0]: w[1:] for w in (line.split("#")[0].split() for line in self.expect.splitlines()) if w}
        self.year = int(self.words.get("year", ["2026"])[0])
        self.logs = {}
        for side in HOSTS:
            file = path / self.words[side][0] if side in self.words else path / f"{side}.log"
            if file.exists():
                self.logs[side] = file.read_bytes().decode("utf-8", "surrogateescape")
        self.inventory = (path / "inventory.yaml").read_bytes() if (path / "inventory.yaml").exists() else None
        self.family = self.name.split("/")[0]
        self.lines = {side: text.rstrip("\n").replace("\r", "").split("\n") for side, text in self.logs.items()}
        # What the daemons' own files and syslog look like: a stamp before each line.
        self.headed = all((m := STAMP.search(l)) and m.start() < 8 for ls in self.lines.values() for l in ls if l.strip())
        stamped = [t for lines in self.lines.values() for t in moments(lines, self.year, None) or []]
        told = [datetime.datetime.fromisoformat(self.words[key][0].rstrip("Z")).replace(tzinfo=UTC).timestamp()
                for key in ("started", "ended") if key in self.words]
        self.window = tuple(told) if len(told) == 2 else (min(stamped), max(stamped)) if stamped else (1.75e9, 1.75e9 + 8)
        self.times = {side: moments(lines, self.year, self.window) for side, lines in self.lines.items()}


FORMS = {}


def lines(name, where=lambda folder: True):
    """A form that retells line by line."""
    def register(tell):
        def whole(folder):
            if not where(folder):
                return None
            return {s: "\n".join(tell(line, folder.times[s][i], HOSTS[s], i) for i, line in enumerate(all_)) + "\n" for s, all_ in folder.lines.items()}
        FORMS[name] = whole
    return register


def headed(folder):
    return folder.headed


def daemons(folder):  # none of their messages goes over several lines
    return folder.family in ("lab", "daemons", "journal")


def text(name):
    def register(tell):
        FORMS[name] = lambda folder: {s: tell(t) for s, t in folder.logs.items()}
    return register


def record(**values):
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


text("lines-end-with-cr")(lambda t: t.replace("\r\n", "\n").replace("\n", "\r\n"))
text("no-last-newline")(lambda t: t.rstrip("\n"))
text("byte-order-mark")(lambda t: "\ufeff" + t)
text("posted")(lambda t: "I see this:\n\n```\n" + t.rstrip("\n") + "\n```\n\nThanks!\n")
text("hard-blanks")(lambda t: t.replace("  ", " \u00a0"))
text("typographic-quotes")(lambda t: re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", re.sub(r"'([^'\n]*)'", "\u2018\\1\u2019", t)))
lines("blanks-behind")(lambda l, t, h, i: l + "  \t")
lines("blank-lines-between")(lambda l, t, h, i: l + "\n")
lines("indented")(lambda l, t, h, i: "    " + l)
lines("as-code")(lambda l, t, h, i: f"`{l}`" if l.strip() else l)
lines("quoted")(lambda l, t, h, i: "> " + l)
lines("quoted-twice", headed)(lambda l, t, h, i: ">> " + l)
lines("coloured")(lambda l, t, h, i: "\x1b[32m" + re.sub(r"(?i)\b(failed|error|no)\b", "\x1b[01;31m\x1b[K\\1\x1b[m\x1b[K", l) + "\x1b[0m")
lines("own")(lambda l, t, h, i: record(ts=int(t * 1000), host=h, message=l))
lines("filebeat")(lambda l, t, h, i: record(**{"@timestamp": iso(t), "message": l, "host": {"name": h}, "agent": {"type": "filebeat"},
                                               "log": {"offset": i * 97, "file": {"path": "/var/log/vpn.log"}}}))
lines("vector")(lambda l, t, h, i: record(file="/var/log/vpn.log", host=h, message=l, source_type="file", timestamp=iso(t)))
lines("fluent-bit")(lambda l, t, h, i: record(date=round(t, 6), log=l, hostname=h))
lines("docker")(lambda l, t, h, i: record(log=l + "\n", stream="stderr", time=iso(t)))
lines("splunk")(lambda l, t, h, i: record(time=f"{t:.3f}", host=h, source="vpn.log", sourcetype="syslog", event=l))
lines("behind-a-relay", headed)(lambda l, t, h, i: f"{bsd(t)} {h} {l}")
lines("behind-two-relays", headed)(lambda l, t, h, i: f"{bsd(t)} relay1 {bsd(t)} {h} {l}")
lines("behind-rfc5424", headed)(lambda l, t, h, i: f"<134>1 {iso(t)} {h} relay 812 - - {l}")
lines("grepped", headed)(lambda l, t, h, i: f"/var/log/vpn.log:{i + 1}:{l}")
lines("in-a-container", headed)(lambda l, t, h, i: f"{iso(t)[:-1]}123456Z stderr F {l}")
lines("noise-between", headed)(lambda l, t, h, i: f"{l}\n{bsd(t)} {h} {NOISE[i % len(NOISE)]}")
lines("every-line-twice", daemons)(lambda l, t, h, i: f"{l}\n{l}")


def in_one_file(folder):
    """Both logs as a relay writes them, by time."""
    if len(folder.logs) < 2 or not folder.headed or folder.family not in ("lab", "daemons"):
        return None
    tags = {s: "charon" if re.search(r"\d\d\[[A-Z]{3}", t) else "pluto" for s, t in folder.logs.items()}
    all_ = sorted((t, s, i) for s in HOSTS for i, t in enumerate(folder.times[s]))
    return {"concentrator": "\n".join(f"{iso(t)} {HOSTS[s]} {tags[s]}[8]: {folder.lines[s][i]}" for t, s, i in all_) + "\n"}


FORMS["in-one-file"] = in_one_file


def moved(seconds_for):
    """All stamps moved by the same time; not those without a year, since a folder does not say of which they are."""
    def tell(folder):
        by = round(seconds_for(folder.window))

        def stamp(match):
            then = moment(match, folder.year)
            if then is None:
                return match[0]
            t, g = datetime.datetime.fromtimestamp(int(then) + by, UTC), match.groupdict()
            if g["first"]:
                return f"{t:%H:%M:%S}{g['ms']} {t:{'%m/%d/%Y' if len(g['date']) > 8 else '%m/%d/%y'}}"
            day = (f"{t:%Y-%m-%d}{match[0][10]}" if g["y"] else f"{t:%m/%d/%Y} " if g["us"] else
                   f"{MONTHS[t.month - 1]} {t.day:2} " + (f"{t.year} " if g["year"] else ""))
            return f"{day}{t:%H:%M:%S}{g['fraction'] or ''}"
        yearless = any(m["mon"] and not m["year"] for ls in folder.lines.values() for l in ls for m in [STAMP.search(l)] if m)
        if yearless or "started" in folder.words:  # `started` would have to move, too
            return None
        return {s: STAMP.sub(stamp, t) for s, t in folder.logs.items()}
    return tell


def around(*midnight):
    at = datetime.datetime(*midnight, tzinfo=UTC).timestamp()
    return lambda window: at - (window[0] + window[1]) / 2


FORMS["a-year-later"] = moved(lambda window: 400 * 86400)
FORMS["over-new-year"] = moved(around(2026, 1, 1))
FORMS["over-29-february"] = moved(around(2024, 2, 29))


def readdressed(folder):
    def other(m):
        if m[1] in ("0", "127", "255") or max(int(part) for part in m.groups()) > 255:
            return m[0]
        return f"{m[1]}.{m[2]}.{(int(m[3]) + 100) % 256}.{m[4]}"
    if folder.inventory:
        return None
    return {s: ADDRESS.sub(other, t) for s, t in folder.logs.items()}, ADDRESS.sub(other, folder.expect)


FORMS["other-addresses"] = readdressed


def renamed(which, new):
    def tell(folder):
        old = folder.words.get(which, [""])[0]
        if not old:
            return None
        name = re.compile(r"(?<![\w-])" + re.escape(old) + r"(?![\w-])")
        return {s: name.sub(lambda _: new, t) for s, t in folder.logs.items()}, re.sub(rf"(?m)^{which} .*\n", "", folder.expect)
    return tell


for key, value in NAMES.items():
    FORMS[f"user-{key}"] = renamed("user", value)
    FORMS[f"group-{key}"] = renamed("group", value)


def lossy(keep):
    def tell(folder):
        return {s: "\n".join(keep(ls, random.Random(hashlib.md5((folder.name + s).encode()).hexdigest()))) + "\n" for s, ls in folder.lines.items()}
    return tell


LOSSY = {}  # each with its own rule, see main()
for part in (2, 5, 8):
    LOSSY[f"without-the-first-{part}0-percent"] = lossy(lambda ls, r, part=part: ls[len(ls) * part // 10:])
    LOSSY[f"without-the-last-{part}0-percent"] = lossy(lambda ls, r, part=part: ls[:len(ls) - len(ls) * part // 10])
for share in (5, 30):
    LOSSY[f"{share}-percent-lost"] = lossy(lambda ls, r, share=share: [l for l in ls if r.random() * 100 >= share])


# What the rest of a log may say by right, though the whole says otherwise.
FAIR = {
    "daemons/charon-gateway-expired": ["certificate_rejected/certain",  # the same refusal, its reason lost
                                       "connected/probable"],  # what the gateway believes whom the client refuses last
    "daemons/pluto-gateway-name": ["connected/probable"],
    "daemons/openconnect-exp": ["certificate_rejected/certain"],
    "vpn3000/065-vpnc-two-errors-in-one-line-noise": ["client_port_in_use/certain"],  # the other of the two
}
LEFT_OUT = ["asa/023-pool-lifecycle-alloc-and-free"]  # lines of several years, in no order


def chosen(root):
    """All folders, but of the laboratory's one of each fault and client, the shortest."""
    out, lab = [], {}
    for path in sorted(root.glob("*/*/expect.txt")):
        folder = Folder(path.parent, root)
        if folder.name in LEFT_OUT:
            continue
        if folder.family != "lab":
            out.append(folder)
            continue
        key = (re.sub(r"^\d+-", "", path.parent.name), folder.headed)
        size = sum(map(len, folder.logs.values()))
        if size < LAB_BYTES_MAX and (key not in lab or size < lab[key][0]):
            lab[key] = (size, folder)
    return out + [folder for _, folder in lab.values()]


def connected(verdicts):
    return any(word.startswith("connected/") for word in verdicts.split())


def judged(program, directory, folders, tell):
    """What replay_report says of the folders retold: by name, the verdicts and the result."""
    told = 0
    for folder in folders:
        out = tell(folder)
        if out is None:
            continue
        logs, expect = out if isinstance(out, tuple) else (out, folder.expect)
        path = directory / folder.name
        path.mkdir(parents=True)
        for side, log in logs.items():
            (path / f"{side}.log").write_bytes(log.encode("utf-8", "surrogateescape"))
        (path / "expect.txt").write_text(re.sub(r"(?m)^(client|concentrator) .*\n", "", expect))
        if folder.inventory:
            (path / "inventory.yaml").write_bytes(folder.inventory)
        told += 1
    done = subprocess.run([program, directory], capture_output=True, text=True, errors="replace", check=False)
    rows = re.findall(rf"(?m)^(ok|wrong|WRONG AND CERTAIN) +{re.escape(str(directory))}/(\S+)\n    expected .*\n    verdict +(.*)$", done.stdout)
    if not told or len(rows) != told:
        sys.exit(f"{directory.name}: {len(rows)} of {told} folders read, exit code {done.returncode}\n{done.stderr}")
    return {name: (verdicts, result) for result, name, verdicts in rows}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program")
    arguments.add_argument("folders", type=pathlib.Path)
    arguments.add_argument("--form", default="")
    arguments.add_argument("--keep", type=pathlib.Path, help="leave the retold folders here")
    options = arguments.parse_args()
    folders = chosen(options.folders)
    wrong = told = 0
    with tempfile.TemporaryDirectory() as temporary:
        directory = options.keep or pathlib.Path(temporary)
        plain = judged(options.program, directory / "plain", folders, lambda folder: folder.logs)
        for form, tell in {**FORMS, **LOSSY}.items():
            if not re.search(options.form, form):
                continue
            rows = judged(options.program, directory / form, folders, tell)
            told += len(rows)
            for name, (verdicts, result) in rows.items():
                was = plain[name][0]
                if form not in LOSSY:
                    bad = verdicts != was
                elif any(word in verdicts.split() for word in FAIR.get(name, ())):
                    bad = False
                else:
                    bad = result == "WRONG AND CERTAIN" or (connected(verdicts) and not connected(was))
                if bad:
                    wrong += 1
                    print(f"{form:22} {name}\n    as it is  {was}\n    retold    {verdicts}")
    print(f"{len(folders)} folders in {len(FORMS) + len(LOSSY)} forms: {told} retold, {wrong} with another verdict")
    sys.exit(1 if wrong or not told else 0)


if __name__ == "__main__":
    main()
