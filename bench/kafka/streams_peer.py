"""The peer of bench/peers/kafka-streams as a process."""
import subprocess
import threading
import time
from pathlib import Path

import lab

# Causes that a program of some hundred lines can decide, too.
MIX = """connected: 60
natt_udp4500_blocked: 10
group_password_mismatch: 8
user_password_wrong: 10
user_account_locked: 3
user_unknown: 3
"""
PARTITIONS = 4
JARS = lab.BUILD / "bench/kafka-streams"
COLLECTORS = {"serial": "-XX:+UseSerialGC", "parallel": "-XX:+UseParallelGC", "G1": "-XX:+UseG1GC"}
HEAP = "512m"


def build():
    subprocess.run([lab.ROOT / "bench/peers/kafka-streams/build", JARS], check=True)


class Streams(lab.Process):
    """The peer; it prints how many records it has consumed and how many verdicts it has told."""

    numbers = 0

    def __init__(self, brokers, where, prefix, collector="serial", heap=HEAP, commit_ms=1000):
        Streams.numbers += 1
        self.name = f"{prefix}-streams{Streams.numbers}"
        self.consumed = self.told = 0
        lab.topic(brokers, f"{self.name}.verdicts", PARTITIONS)
        command = ["java", f"-Xms{heap}", f"-Xmx{heap}", COLLECTORS[collector], "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                   "-cp", f"{JARS}/classes:{JARS}/lib/*", "Peer", brokers, self.name, prefix, "1", str(commit_ms), str(where / self.name)]
        super().__init__(command, where / f"{self.name}.log", stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.consumed, self.told = map(int, line.split())

    def wait(self, least, told=0):
        until = time.monotonic() + lab.PATIENCE
        while time.monotonic() < until:
            if not self.alive():
                raise RuntimeError("the peer ended: " + Path(self.log).read_text()[-2000:])
            if self.consumed >= least and self.told >= told:
                return time.monotonic(), self.cpu(), self.consumed
            time.sleep(0.05)
        raise RuntimeError(f"the peer did not get to {least}: {self.consumed}, {self.told}")
