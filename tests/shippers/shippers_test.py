#!/usr/bin/python3
"""The shipped configurations, run by the real programs: loopback, free ports, everything in a temporary directory.

usage: shippers_test.py omprog|rsyslog|filebeat PROGRAM [JARS]     exit 77 when something it needs is not there

omprog: vpnverdict as rsyslog's child; the child is killed and rsyslogd restarted in the middle of one attempt.
rsyslog, filebeat: both logs through it to the broker of VPNVERDICT_TEST_BROKER, or to one that is started with Kafka's JARS; what
comes out is read like the logs themselves. Filebeat is the one on the path or the one that VPNVERDICT_TEST_FILEBEAT names.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

try:
    import confluent_kafka
    from confluent_kafka.admin import AdminClient, NewTopic
except ImportError:
    confluent_kafka = None

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "deploy/shippers"
CASES = ROOT / "tests/replay"
PATIENCE = 90  # s, for a loaded machine; nothing here takes more than fifteen


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def wait_until(what, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"after {PATIENCE} s still not: {what}")
        time.sleep(0.05)


def free_port():
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        udp.bind(tcp.getsockname())
        return tcp.getsockname()[1]


class Shipper:
    """A program with one of the shipped files, the operator's changes made."""

    def __init__(self, shipped, directory, command, changes, before=""):
        self.directory, self.command, self.port = directory, command, free_port()
        self.clients = directory / "clients"
        (directory / "spool").mkdir()
        text = (SHIPPED / shipped).read_text()
        for theirs, ours in changes.items():
            assert theirs in text, f"{shipped} no longer says {theirs}"
            text = text.replace(theirs, ours.format(clients=self.clients, port=self.port))
        self.conf = directory / shipped
        self.conf.write_text(before + text)
        self.process = None

    def start(self):
        with open(self.directory / "shipper.out", "ab") as out:
            self.process = subprocess.Popen([*self.command, self.conf], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        wait_until("the shipper listens", self.listens)

    def listens(self):
        assert self.process.poll() is None, (self.directory / "shipper.out").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process = None

    def children(self):
        task = pathlib.Path(f"/proc/{self.process.pid}/task")
        return [int(pid) for thread in task.iterdir() for pid in (thread / "children").read_text().split()]

    def udp(self, message):
        with socket.socket(type=socket.SOCK_DGRAM) as out:
            out.sendto(message, ("127.0.0.1", self.port))

    def tcp(self, stream):
        with socket.create_connection(("127.0.0.1", self.port)) as out:
            out.sendall(stream)

    def client_file(self, host, name, content):
        path = self.clients / host / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def rsyslog_with(shipped, directory, changes):
    return Shipper(shipped, directory, ["rsyslogd", "-n", "-i", directory / "pid", "-f"],
                   {'port="514"': 'port="{port}" address="127.0.0.1"', "/var/log/vpn-clients": "{clients}", **changes},
                   f'global(workDirectory="{directory}/spool")\n')


def filebeat_with(shipped, directory, changes):
    filebeat = os.environ.get("VPNVERDICT_TEST_FILEBEAT") or shutil.which("filebeat")
    return Shipper(shipped, directory, [filebeat, "-e", "--strict.perms=false", "--path.home", directory / "spool", "-c"],
                   {"0.0.0.0:514": "127.0.0.1:{port}", "/var/log/vpn-clients": "{clients}", **changes})


# ---- omprog

def omprog(program, directory):
    out = directory / "out"
    out.mkdir()
    rsyslog = rsyslog_with("rsyslog-omprog.conf", directory, {"/usr/bin/vpnverdict": program, "/var/lib/vpnverdict": str(out)})
    now = time.gmtime()
    stamp = lambda ms: time.strftime("%m/%d/%Y %H:%M:%S", now) + f".{ms:03}"
    attempt = [
        f"<191>1 {stamp(200)} SEV=8 IKEDBG/0 RPT=2955 192.0.2.7 RECEIVED Message (msgid=0) with payloads : HDR + SA (1) + KE (4) + "
        "NONCE (10) + ID (5) + NONE (0) ... total length : 561",
        f"<190>2 {stamp(210)} SEV=7 IKEDBG/0 RPT=2956 192.0.2.7 Group [mygroup] Found Phase 1 Group (mygroup)",
        f"<188>3 {stamp(500)} SEV=5 IKE/68 RPT=3 192.0.2.7 Group [mygroup] Received non-routine Notify message: Invalid hash info (23)",
    ]
    kept = lambda text: any(text in path.read_bytes() for path in (out / "state", out / "state.journal") if path.exists())
    try:
        rsyslog.start()
        rsyslog.udp(attempt[0].encode())
        wait_until("the first line is kept", lambda: kept(b"RECEIVED Message"))
        (child,) = rsyslog.children()
        os.kill(child, signal.SIGKILL)
        rsyslog.udp(attempt[1].encode())
        wait_until("the second line is kept by a new program", lambda: kept(b"Found Phase 1") and kept(b"RECEIVED Message"))
        assert rsyslog.children() != [child]
        rsyslog.stop()
        rsyslog.start()
        rsyslog.udp(attempt[2].encode())
        verdicts = out / "verdicts.jsonl"
        wait_until("a verdict", lambda: verdicts.exists() and verdicts.read_text().endswith("\n"))
        rsyslog.stop()
    finally:
        rsyslog.stop()
    records = [json.loads(line) for line in verdicts.read_text().splitlines()]
    assert {record["id"] for record in records} == {records[0]["id"]}, records
    last = records[-1]
    assert (last["cause"], last["peer_ip"], last["group"]) == ("group_password_mismatch", "192.0.2.7", "mygroup"), last
    numbers = [evidence["text"].partition(">")[2][:1] for evidence in last["evidence"]]
    assert numbers == ["1", "2", "3"], f"the lines from before the kill and the restart, each once: {records}"
    assert last["concentrator"] == "127.0.0.1", "these lines name no device; the sender's address does"
    assert not (out / "rejects.jsonl").read_text()
    complaints = (out / "stderr.log").read_text() if (out / "stderr.log").exists() else ""
    assert "cannot" not in complaints and "beginning without" not in complaints, complaints


# ---- kafka

def counters(text):
    """Lines by dialect that say something or belong to a dialect; what nobody knows is left out."""
    found = collections.Counter()
    for dialect, result, count in re.findall(r'vpnverdict_lines_total\{dialect="(\w+)",result="(\w+)"\} (\d+)', text):
        if dialect != "unknown" and int(count):
            found[dialect, result] += int(count)
    return found


def replayed(program, directory, name, *files):
    metrics = directory / f"{name}.prom"
    done = subprocess.run([program, "replay", "--format", "jsonl", "--metrics", metrics, "--year", time.strftime("%Y"), *files],
                          check=True, capture_output=True, text=True)
    return counters(metrics.read_text()), [json.loads(line) for line in done.stdout.splitlines()]


def kafka(program, directory, shipper_with, shipped, changes, raw):
    """`changes` are the names in the shipped file of broker, topics and spool; `raw` is the records' key for the line."""
    broker = os.environ["VPNVERDICT_TEST_BROKER"]
    topics = {name: f"{name}-{os.getpid()}" for name in ("vpn-concentrator", "vpn-client")}
    admin = AdminClient({"bootstrap.servers": broker})
    for made in admin.create_topics([NewTopic(topic, 3, 1, config={"message.timestamp.type": "LogAppendTime"})
                                     for topic in topics.values()]).values():
        made.result(PATIENCE)

    # What is sent, and the same as plain files.
    client = b"".join(line for line in (CASES / "seed/ex8-08-and-09-one-attempt/client.log").read_bytes().splitlines(True)
                      if not line.startswith(b"!"))
    files = {("laptop7", "ciscovpn.log"): client}
    for host, name, case in (("laptop8", "vpnc.log", "asa/112-vpnc-hash-comparison-failed"),
                             ("laptop9", "anyconnect.log", "asa/102-anyconnect-timeout-to-gateway"),
                             ("laptop10", "openconnect.log", "asa/105-openconnect-401-strap-tls13"),
                             ("laptop11", "charon.log", "lab/064-wrong-password")):
        files[host, name] = (CASES / case / "client.log").read_bytes()
    vpn3000 = [b"<189>39 04/07/2005 20:12:14.500 SEV=7 IKEDBG/0 RPT=2984 192.168.1.100 Group [mygroup] Found Phase 1 Group (mygroup)",
               b"<189>40 04/07/2005 20:12:15.500 SEV=5 IKE/68 RPT=3 192.168.1.100 Group [mygroup] Received non-routine Notify "
               b"message: Invalid hash info (23)"]
    asa = [b"<166>%ASA-6-113039: Group <g> User <u> IP <192.0.2.1> AnyConnect parent session started.",
           b"<166>Nov 25 2025 12:00:00 fw1 : %ASA-6-113039: Group <g> User <u> IP <192.0.2.1> AnyConnect parent session started."]
    charon = [b"<30>Nov 25 12:39:29 gw1 charon: 05[IKE]\ta tab and no UTF-8: \xe9",
              b"<30>1 2025-11-25T12:39:30.5Z gw1 charon 812 - - 05[IKE] no IKE config found for 192.0.2.1...198.51.100.7, sending "
              b"NO_PROPOSAL_CHOSEN"]
    plain = []
    for name, content in (("vpn3000", b"\n".join(vpn3000)), ("asa", b"\n".join(asa)), ("gw1", b"\n".join(charon)),
                          *((name, content) for (_, name), content in files.items())):
        plain.append(directory / f"plain-{name}")
        plain[-1].write_bytes(content)

    shipper = shipper_with(shipped, directory, {"127.0.0.1:9092": broker, **{
        theirs: ours.format(spool=directory / "spool", concentrators=topics["vpn-concentrator"], clients=topics["vpn-client"])
        for theirs, ours in changes.items()}})
    consumer = confluent_kafka.Consumer({"bootstrap.servers": broker, "group.id": f"shippers-{os.getpid()}",
                                         "auto.offset.reset": "earliest"})
    consumer.subscribe(list(topics.values()))
    records = []
    wanted = len(vpn3000) + len(asa) + len(charon)
    last_lines = [content.rstrip(b"\n").rsplit(b"\n", 1)[-1].strip() for content in files.values()]

    def read():
        for message in consumer.consume(500, 0.2):
            assert not message.error(), message.error()
            records.append((message.topic(), message.key(), message.partition(), message.value()))
        values = [json.loads(value.decode("utf-8", "replace"))[raw] for *_, value in records]
        network = sum(topic == topics["vpn-concentrator"] for topic, *_ in records)
        return network >= wanted and all(any(line.decode("utf-8", "replace") in value for value in values) for line in last_lines)

    try:
        for (host, name), content in files.items():
            shipper.client_file(host, name, content)
        shipper.start()
        for message in vpn3000 + asa:
            shipper.udp(message)
        shipper.tcp(charon[0] + b"\n" + b"%d %s" % (len(charon[1]), charon[1]))  # RFC 6587: both framings
        wait_until("everything is on the topics", read)
    finally:
        shipper.stop()
        consumer.close()

    by_key = collections.defaultdict(set)
    for _, key, partition, _ in records:
        by_key[key].add(partition)
    assert set(by_key) == {b"127.0.0.1", *(host.encode() for host, _ in files)}, by_key
    assert all(len(partitions) == 1 for partitions in by_key.values()), "one device, one partition"

    shipped = directory / "shipped.ndjson"
    shipped.write_bytes(b"".join(value for *_, value in records))
    expected, _ = replayed(program, directory, "plain", *plain)
    found, verdicts = replayed(program, directory, "shipped", shipped)
    assert expected[("vpn3000", "event")] == 2 and expected[("asa", "event")] == 2, expected
    assert {dialect for dialect, _ in expected} >= {"vpn3000", "asa", "charon", "cisco_vpn_client", "vpnc", "anyconnect",
                                                    "openconnect"}, expected
    # A record of several lines counts once: the Cisco client's, which the regular expression put together, and no other's.
    for row in expected | found:
        if row[0] != "cisco_vpn_client":
            assert expected[row] == found[row], (row, expected, found)
    assert found["cisco_vpn_client", "event"] >= 5, found
    assert "laptop7" in {verdict["client"] for verdict in verdicts}, "the directory names the client"
    assert [verdict["cause"] for verdict in verdicts if verdict["peer_ip"] == "192.168.1.100"][-1] == "group_password_mismatch"


def main():
    what, program = sys.argv[1], str(pathlib.Path(sys.argv[2]).resolve())
    if what == "filebeat" and not os.environ.get("VPNVERDICT_TEST_FILEBEAT") and not shutil.which("filebeat"):
        skip("filebeat is not installed")
    if what != "filebeat" and not shutil.which("rsyslogd"):
        skip("rsyslogd is not installed")
    if what == "rsyslog" and not list(pathlib.Path("/usr/lib").glob("**/rsyslog/omkafka.so")):
        skip("rsyslog's omkafka is not installed")
    if what != "omprog" and not confluent_kafka:
        skip("python3-confluent-kafka is not installed")
    if what != "omprog" and not os.environ.get("VPNVERDICT_TEST_BROKER"):
        if len(sys.argv) < 4:
            skip("VPNVERDICT_TEST_BROKER names no broker")
        with_broker = ROOT / "tests/broker/kafka/with-broker"
        os.execv(with_broker, [with_broker, sys.argv[3], sys.executable, *sys.argv[:3]])
    with tempfile.TemporaryDirectory(prefix="vpnverdict-shipper.") as name:
        directory = pathlib.Path(name)
        try:
            if what == "omprog":
                omprog(program, directory)
            elif what == "rsyslog":
                kafka(program, directory, rsyslog_with, "rsyslog-kafka.conf", {
                    'topic="vpn-concentrator"': 'topic="{concentrators}"', 'topic="vpn-client"': 'topic="{clients}"',
                    "/var/spool/rsyslog": "{spool}"}, "rawmsg")
            else:
                kafka(program, directory, filebeat_with, "filebeat.yml", {
                    "topic: vpn-concentrator": "topic: {concentrators}", "topic: vpn-client": "topic: {clients}"}, "message")
        except BaseException as failure:
            if not isinstance(failure, SystemExit):
                for log in directory.glob("**/*.out"):
                    print(log.name, log.read_text(errors="replace"), sep=":\n")
            raise
    print(what, "passed")


if __name__ == "__main__":
    main()
