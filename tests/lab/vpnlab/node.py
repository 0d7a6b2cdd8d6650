"""A machine of the lab: network, mount, host name and process namespaces of its own. When its first process ends, the
kernel ends all the others in it and takes its interfaces away."""

import glob
import os
import pathlib
import shlex
import subprocess
import time

# /run and /dev are the machine's own, so that /dev/log, sockets and pid files are; resolv.conf is covered, so that a VPN
# client cannot write the host's.
SET_UP = r"""
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/dev/net /run/dev/pts
mkdir -m 1777 /run/dev/shm
for n in null zero full random urandom tty net/tun; do : > /run/dev/$n; mount --bind /dev/$n /run/dev/$n; done
mount --rbind /run/dev /dev
: > /run/resolv.conf
[ ! -e /etc/resolv.conf ] || mount --bind /run/resolv.conf /etc/resolv.conf
hostname "$1"
ip link set lo up
sysctl -qew net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
touch /run/ready
exec sleep infinity
"""


def faketime(seconds):
    """Environment that moves a program's wall clock and leaves its timers alone."""
    library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")[0]
    return {"LD_PRELOAD": library, "FAKETIME": f"{seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}


def wait_until(condition, seconds, pause=0.1):
    """What the condition said when it first was true, or said last."""
    end = time.monotonic() + seconds
    while not (said := condition()) and time.monotonic() < end:
        time.sleep(pause)
    return said


class Node:
    def __init__(self, name, folder, clock=0):
        self.name, self.clock = name, clock
        self.dir = pathlib.Path(folder) / name
        self.dir.mkdir(parents=True)
        self.env = dict(os.environ, TZ="UTC", LC_ALL="C")
        self.daemon_env = self.env | (faketime(clock) if clock else {})
        self.children = []
        self.first = subprocess.Popen(["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc",
                                       "sh", "-c", SET_UP, "sh", name], stdin=subprocess.DEVNULL)
        listing = pathlib.Path(f"/proc/{self.first.pid}/task/{self.first.pid}/children")
        self.pid = int(wait_until(lambda: listing.read_text().split(), 10, 0.01)[0])
        if not wait_until(pathlib.Path(f"/proc/{self.pid}/root/run/ready").exists, 20, 0.02):
            raise RuntimeError(f"{name} did not start")

    def enter(self, command, own_network=True):
        return ["nsenter", "-t", str(self.pid), "-m", "-u", "-p", *(["-n"] if own_network else []), "--", *command]

    def run(self, command, check=True, timeout=40, **more):
        """A short command; a string is for sh."""
        if isinstance(command, str):
            command = ["sh", "-ec", command]
        done = subprocess.run(self.enter(command), env=self.env, text=True, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
        if check and done.returncode:
            raise RuntimeError(f"{self.name}: {command}: {done.stdout.strip()}")
        return done

    def start(self, tag, command, output=None, env=None, own_network=True):
        """A long one. `signal` reaches it by the number that it has in here."""
        script = f"echo $$ > /run/{tag}.pid; exec {shlex.join(map(str, command))}"
        with open(output or os.devnull, "ab") as out:
            child = subprocess.Popen(self.enter(["sh", "-c", script], own_network), env=self.daemon_env | (env or {}),
                                     stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        self.children.append(child)
        return child

    def signal(self, tag, name):
        self.run(f"kill -{name} $(cat /run/{tag}.pid)", check=False)

    def wait_for_socket(self, path):
        self.run(f"for i in $(seq 300); do [ -S {path} ] && exit 0; sleep 0.05; done; echo no {path}; exit 1")

    def write(self, name, text, mode=0o600):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def close(self):
        self.first.kill()
        self.first.wait(10)
        for child in self.children:
            child.wait(10)


def cable(a, a_end, b, b_end):
    subprocess.run(["ip", "link", "add", a_end, "netns", str(a.pid), "type", "veth", "peer", "name", b_end, "netns", str(b.pid)],
                   check=True, timeout=20)
    a.run(f"ip link set {a_end} up")
    b.run(f"ip link set {b_end} up")
