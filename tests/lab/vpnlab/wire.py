"""The cable between sites and concentrator: a hub in user space that loses, delays, reorders and doubles IPv4 packets, never
ARP, and writes down what crossed it. No kernel module for network emulation is needed.

    wire.py CONFIG.json    {"ports": [[pid, interface], …], "trace": path, "control": path, "seed": n, "blackhole": bool,
                            "loss": 0..1, "dup": 0..1, "reorder": 0..1, "delay_ms": n}

Each port is a TAP device in the network of that process. A control file changes the settings and is taken away."""

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
import time

CLONE_NEWNET, TUNSETIFF, TAP_WITHOUT_HEADER = 0x40000000, 0x400454CA, 0x1002
EXCHANGES = {2: "MAIN", 4: "AGGRESSIVE", 5: "INFO_V1", 6: "TRANSACTION", 32: "QUICK", 34: "IKE_SA_INIT", 35: "IKE_AUTH",
             36: "CREATE_CHILD_SA", 37: "INFORMATIONAL"}


def enter_network(path):
    with open(path) as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def open_tap(pid, interface):
    enter_network(f"/proc/{pid}/ns/net")
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", interface.encode(), TAP_WITHOUT_HEADER))
    return tap


def content(sport, dport, data):
    if 4500 in (sport, dport):
        if data[:4] != bytes(4):
            return f"esp spi={data[:4].hex()} seq={int.from_bytes(data[4:8], 'big')}" if len(data) >= 8 else "keepalive"
        data = data[4:]
    elif 500 not in (sport, dport):
        return "udp"
    if len(data) < 28:
        return "ike, too short"
    return (f"ike v{data[17] >> 4} ispi={data[:8].hex()} rspi={data[8:16].hex()} {EXCHANGES.get(data[18], data[18])} "
            f"msgid={data[20:24].hex()} flags={data[19]:02x}")


def describe(frame):
    """From, to, bytes and content of an IPv4 packet; None for any other frame."""
    if len(frame) < 34 or frame[12:14] != b"\x08\x00":
        return None
    ip = frame[14:]
    size = int.from_bytes(ip[2:4], "big")
    source, target = (".".join(map(str, part)) for part in (ip[12:16], ip[16:20]))
    body = ip[(ip[0] & 15) * 4:size]
    if int.from_bytes(ip[6:8], "big") & 0x1FFF:
        return f"{source}\t{target}\t{size}\tfragment"
    if ip[9] != 17 or len(body) < 8:
        return f"{source}\t{target}\t{size}\tprotocol {ip[9]}"
    sport, dport = struct.unpack("!HH", body[:4])
    return f"{source}:{sport}\t{target}:{dport}\t{size}\t{content(sport, dport, body[8:])}"


def fate(config, rng):
    """How often a packet arrives and how late each time, and a word for it."""
    delay = config.get("delay_ms", 0) / 1e3
    if config.get("blackhole") or rng.random() < config.get("loss", 0):
        return [], "drop"
    if rng.random() < config.get("reorder", 0):
        return [delay + rng.uniform(0.2, 1.2)], "held"
    if rng.random() < config.get("dup", 0):
        return [delay, delay + rng.uniform(0, 0.3)], "twice"
    return [delay], "pass"


def main(path):
    with open(path) as file:
        config = json.load(file)
    rng = random.Random(config["seed"])
    ports = [open_tap(*port) for port in config["ports"]]
    waiting, serial, next_look = [], 0, 0.0
    print("ready", flush=True)
    with open(config["trace"], "w", buffering=1) as trace:
        while True:
            now = time.monotonic()
            if now >= next_look:
                next_look = now + 0.1
                if os.path.exists(config["control"]):
                    with open(config["control"]) as file:
                        config.update(json.load(file))
                    os.unlink(config["control"])
            while waiting and waiting[0][0] <= now:
                _, _, origin, frame = heapq.heappop(waiting)
                for port in ports:
                    if port != origin:
                        try:
                            os.write(port, frame)
                        except OSError:
                            pass  # the interface at that end is down
            pause = min([next_look] + [entry[0] for entry in waiting[:1]]) - now
            for port in select.select(ports, [], [], max(pause, 0))[0]:
                try:
                    frame = os.read(port, 4096)
                except OSError:
                    continue
                what, delays = describe(frame), [0.0]
                if what:
                    delays, word = fate(config, rng)
                    trace.write(f"{time.time():.6f}\t{word}\t{what}\n")
                for delay in delays:
                    serial += 1
                    heapq.heappush(waiting, (time.monotonic() + delay, serial, port, frame))


if __name__ == "__main__":
    main(sys.argv[1])
