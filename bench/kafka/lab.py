"""What the Kafka parts of the bench share: one real broker, the programs, their CPU seconds and memory.

VPNVERDICT_BUILD names the build folder (build/release), VPNVERDICT_BENCH_SCALE multiplies the sizes of the corpora.
"""
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("VPNVERDICT_BUILD", ROOT / "build/release")).resolve()
SCALE = float(os.environ.get("VPNVERDICT_BENCH_SCALE", "1"))
JARS = BUILD / "tests/broker/kafka"
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 300  # seconds in which any one run must get on
SIDES = ("vpn-client", "vpn-concentrator")


def with_broker():
    """Starts this script again, with a broker of its own; returns in that one."""
    if "VPNVERDICT_TEST_BROKER" in os.environ:
        return os.environ["VPNVERDICT_TEST_BROKER"]
    os.environ.setdefault("VPNVERDICT_TEST_BROKER_JAVA", "-Xmx1g -XX:+UseSerialGC")
    os.execv(ROOT / "tests/broker/kafka/with-broker", ["with-broker", str(JARS), sys.executable, *sys.argv])


def folder():
    path = Path(tempfile.mkdtemp(prefix="vpnverdict-bench-"))
    import atexit
    atexit.register(shutil.rmtree, path, True)
    return path


def tool(name):
    return str(BUILD / "bench" / f"bench_{name}")


def corpus(where, name, **options):
    """A file for feed(), and its inventory."""
    words = [f"{key.replace('_', '-')}={value}" for key, value in options.items()]
    subprocess.run([tool("corpus"), str(where / f"{name}.tsv"), str(where / f"{name}.inventory.yaml"), *words], check=True, stdout=subprocess.DEVNULL)


def feed(brokers, where, name, prefix, partitions, *options):
    """How many records there are now, the stream time, in seconds, at which all are judged, and how late a live feed was at most, in seconds."""
    said = subprocess.run([tool("feed"), brokers, prefix, str(where / f"{name}.tsv"), str(partitions), *options], check=True, capture_output=True, text=True)
    records, last, late = said.stdout.split()
    return int(records), int(last) / 1000 - 1, int(late) / 1000


def topic(brokers, name, partitions, *options):
    subprocess.run([tool("feed"), brokers, name, "-", str(partitions), "topic-only", *options], check=True, stdout=subprocess.DEVNULL)


def read(brokers, name):
    """The values of all records that were committed."""
    said = subprocess.run([tool("watch"), brokers, name], check=True, capture_output=True, text=True, errors="replace")
    return said.stdout.splitlines()


def raw_topics(prefix):
    return [f"{prefix}.{side}" for side in SIDES]


def fresh(name):
    """A name that no topic of an earlier run has."""
    return f"{name}-{time.time_ns() // 10**6}"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Process:
    """A program whose CPU seconds and memory are looked at while it runs."""

    def __init__(self, command, log, **options):
        self.process = subprocess.Popen(command, stderr=open(log, "w"), **options)
        self.log = log

    def cpu(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_mib(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def alive(self):
        return self.process.poll() is None

    def end(self, how=signal.SIGTERM):
        if self.alive():
            self.process.send_signal(how)
        return self.process.wait(timeout=60)


def touch(brokers, prefix, records, api):
    group = f"touch-{time.monotonic_ns()}"
    said = subprocess.run([tool("touch"), brokers, group, ",".join(raw_topics(prefix)), str(records), api], check=True, capture_output=True, text=True)
    return json.loads(said.stdout)


class Service(Process):
    """`vpnverdict run` with internal topics of its own."""

    numbers = 0

    def __init__(self, brokers, where, prefix, inventory, role="all", name=None, shards=4, commit_ms=1000, kafka="", more=""):
        Service.numbers += 1
        self.name = name or f"{prefix}-run{Service.numbers}"
        self.port = free_port()
        own = "".join(f"  {key}: {self.name}.{topic}\n" for key, topic in
                      [("event_topic", "events"), ("state_topic", "state"), ("verdict_topic", "verdicts"), ("incident_topic", "incidents"),
                       ("sign_topic", "signs"), ("incident_state_topic", "incident-state")] if key not in kafka)
        config = where / f"{self.name}-{role}-{Service.numbers}.yaml"
        config.write_text(f"""kafka:
  brokers: {brokers}
  group: {self.name}
  topics: [{", ".join(raw_topics(prefix))}]
  event_partitions: {shards}
  commit_interval_ms: {commit_ms}
{own}{kafka}metrics: {{listen_port: {self.port}}}
service: {{role: {role}, log_level: warning}}
inventory: {{file: {inventory}}}
{more}""")
        program = os.environ.get("VPNVERDICT_BENCH_PROGRAM", str(BUILD / "pipeline/vpnverdict"))
        super().__init__([program, "run", "--config", str(config)], config.with_suffix(".log"), stdout=subprocess.DEVNULL)

    def metrics(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
                text = answer.read().decode()
        except OSError:
            return {}
        out = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, value = line.rsplit(" ", 1)
            out[name.split("{")[0]] = out.get(name.split("{")[0], 0) + float(value)
        return out

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def wait(self, metric, least, every=0.5):
        """Clock, CPU seconds and value when the metric was there. A scrape costs milliseconds of CPU, hence seldom."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not self.alive():
                raise RuntimeError("vpnverdict ended: " + Path(self.log).read_text()[-2000:])
            value = self.metrics().get(metric, 0)
            if value >= least:
                return time.monotonic(), self.cpu(), value
            time.sleep(every)
        raise RuntimeError(f"{metric} did not get to {least}: {self.metrics()}")

    def rest(self, metric, quiet=10):
        """Until the metric has not moved for so many seconds: all is told that can be told."""
        value, since, until = 0, time.monotonic(), time.monotonic() + PATIENCE
        while value == 0 or time.monotonic() < since + quiet:
            if time.monotonic() > until or not self.alive():
                raise RuntimeError(f"{metric} does not come to rest: {self.metrics()}")
            if (now := self.metrics().get(metric, 0)) != value:
                value, since = now, time.monotonic()
            time.sleep(0.5)


class Topics:
    """A fleet in its topics, and how many verdicts are told of it: 99 of 100 of them are what a run has to tell. (The rest wait for time to pass
    behind the last line.)"""

    def __init__(self, brokers, where, name, partitions, **corpus_options):
        self.brokers, self.where, self.name = brokers, where, fresh(name)
        self.inventory = where / f"{self.name}.inventory.yaml"
        corpus(where, self.name, **corpus_options)
        self.records, *_ = feed(brokers, where, self.name, self.name, partitions)
        first = Service(brokers, where, self.name, self.inventory)
        first.rest("vpnverdict_verdict_records_total")
        first.end()
        self.verdicts = int(0.99 * len(read(brokers, f"{first.name}.verdicts")))

    def service(self, **options):
        return Service(self.brokers, self.where, self.name, self.inventory, **options)


def part(title, columns, rows, notes, plot=None):
    out = {"title": title, "columns": columns, "rows": rows, "notes": notes}
    if plot:
        out["plot"] = plot
    return out


def write(outdir, name, what):
    Path(outdir).mkdir(parents=True, exist_ok=True)
    (Path(outdir) / f"{name}.json").write_text(json.dumps(what, indent=1) + "\n")


def median(values):
    return statistics.median(values)


def say(*words):
    print(*words, file=sys.stderr, flush=True)
