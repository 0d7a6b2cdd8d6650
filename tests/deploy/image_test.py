#!/usr/bin/env python3
"""image_test.py VPNVERDICT: what the Dockerfile and compose.yaml rest on, as far as it shows without a container engine. The whole
image, in a fresh Debian on a read-only tree, is tried by deploy/docker/prove, which takes minutes and is run by hand."""
import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import tree

yaml = tree.yaml()
PROGRAM = sys.argv.pop(1)
DOCKER = tree.DEPLOY / "docker"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


def packages(use):
    return re.search(rf"(?m)^{use}=\(([^)]*)\)", (tree.DEPLOY / "packages").read_text()).group(1).split()


def with_dependencies(names):
    """The packages and all that they depend on, as installed here."""
    seen, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        found = subprocess.run(["dpkg-query", "-W", "-f", "${Depends}, ${Pre-Depends}", name], capture_output=True, text=True)
        todo += [re.split(r"[ (:]", d.strip())[0] for d in re.split(r"[,|]", found.stdout) if d.strip()]
    return seen


def owner(path):
    real = os.path.realpath(path)
    for candidate in (path, real, real.removeprefix("/usr")):
        done = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    return f"nobody ({path})"


class Image(unittest.TestCase):
    def test_the_runtime_packages_bring_every_library(self):
        if not pathlib.Path("/usr/bin/dpkg-query").exists():
            self.skipTest("not a Debian")
        loaded = re.findall(r"=> (/\S+)", output("ldd", PROGRAM))
        self.assertGreater(len(loaded), 8)
        runtime = with_dependencies(packages("runtime"))
        self.assertEqual({owner(path) for path in loaded} - runtime, set())

    def test_what_is_gathered_runs_alone_as_nobody(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, for chroot")
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            image = f"{folder}/image"
            output(DOCKER / "gather", PROGRAM, image)
            said = output("chroot", "--userspec=65532:65532", image, "/usr/bin/vpnverdict", "--version")
            self.assertRegex(said, r"^vpnverdict \d+\.\d+")
            files = [p for p in pathlib.Path(image).rglob("*") if p.is_file()]
            self.assertEqual([p.name for p in files if p.name in ("sh", "bash", "dash", "busybox", "apt-get", "curl")], [])
            self.assertEqual([str(p) for p in files if p.stat().st_mode & 0o6022], [], "setuid, or others may write")
            for package in (pathlib.Path(image) / "var/lib/dpkg/status.d").iterdir():
                self.assertTrue((pathlib.Path(image) / "usr/share/doc" / package.name / "copyright").exists(), package.name)

    def test_another_librdkafka_takes_the_place_of_debians(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, for chroot")
        debians = re.search(r"librdkafka\.so\.1 => (/\S+)", output("ldd", PROGRAM)).group(1)
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            image, prefix = pathlib.Path(folder) / "image", pathlib.Path(folder) / "prefix"
            for name, source in {"lib/librdkafka.so.1": debians, "share/doc/librdkafka/copyright": tree.ROOT / "LICENSE"}.items():
                (prefix / name).parent.mkdir(parents=True)
                shutil.copy(source, prefix / name)
            (prefix / "lib/pkgconfig").mkdir()
            (prefix / "lib/pkgconfig/rdkafka.pc").write_text("Name: librdkafka\nVersion: 9.8.7\n")
            output(DOCKER / "gather", PROGRAM, image, prefix)
            self.assertRegex(output("chroot", "--userspec=65532:65532", image, "/usr/bin/vpnverdict", "--version"), r"^vpnverdict \d+\.\d+")
            found = [str(p.relative_to(image)) for p in image.rglob("librdkafka.so*")]
            self.assertEqual(found, ["usr/lib/librdkafka.so.1"])
            records = image / "var/lib/dpkg/status.d"
            self.assertEqual((records / "librdkafka").read_text(), "Package: librdkafka\nVersion: 9.8.7\n")
            self.assertFalse((records / "librdkafka1").exists())

    def test_the_build_sees_what_it_copies_and_not_the_rest(self):
        allowed = [line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().split() if line.startswith("!")]
        for path in allowed:
            self.assertTrue((tree.ROOT / path).exists(), path)
        needed = re.findall(r"(?m)^COPY ((?:[\w./]+ )+)\S+$", (DOCKER / "Dockerfile").read_text())
        for source in " ".join(needed).split():
            if source != ".":
                self.assertIn(source, allowed)
        rooms = re.findall(r"(?m)^add_subdirectory\((\w+)\)", (tree.ROOT / "CMakeLists.txt").read_text())
        self.assertGreaterEqual(len(rooms), 3)
        for room in rooms:
            self.assertIn(room, allowed)
        for kept_out in (".git", "build", "tests"):
            self.assertFalse(any(fnmatch.fnmatch(kept_out, pattern) for pattern in allowed))

    def test_it_runs_as_nobody_and_is_told_to_stop_kindly(self):
        text = (DOCKER / "Dockerfile").read_text()
        last = text[text.rindex("\nFROM "):]
        for line in ("FROM scratch", "USER 65532:65532", "STOPSIGNAL SIGTERM", 'ENTRYPOINT ["/usr/bin/vpnverdict"]'):
            self.assertIn(f"\n{line}\n", last)
        self.assertNotRegex(text, r"\b(curl|wget|ADD)\b")


class Compose(unittest.TestCase):
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())

    def test_every_file_it_mounts_is_there(self):
        for name, service in self.compose["services"].items():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((DOCKER / source).exists(), f"{name}: {source}")
                else:
                    self.assertIn(source, self.compose["volumes"])

    def test_it_listens_on_this_machine_only(self):
        ports = [port for service in self.compose["services"].values() for port in service.get("ports", [])]
        self.assertEqual(len(ports), 3)
        for port in ports:
            self.assertTrue(port.startswith("127.0.0.1:"), port)

    def test_the_topics_it_makes_are_those_of_the_configuration(self):
        made = set(re.findall(r"--topic (\S+)", self.compose["services"]["topics"]["command"][0]))
        config = yaml.safe_load((tree.DEPLOY / "vpnverdict.yaml").read_text())["kafka"]
        environment = self.compose["services"]["vpnverdict"]["environment"]
        self.assertEqual(made, {*config["topics"], config["verdict_topic"], environment["VPNVERDICT_KAFKA_DEAD_LETTER_TOPIC"]})

    def test_the_program_takes_its_variables(self):
        environment = {k: v for k, v in self.compose["services"]["vpnverdict"]["environment"].items() if "INVENTORY" not in k}
        done = subprocess.run([PROGRAM, "check-config", tree.DEPLOY / "vpnverdict.yaml"], capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], **environment}, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('brokers: "kafka:9092"', done.stdout)
        self.assertEqual(done.stderr, "")

    def test_the_program_knows_every_option(self):
        for name in ("generate", "vpnverdict"):
            command = self.compose["services"][name].get("command", ["run"])
            told = output(PROGRAM, command[0], "--help")
            for option in (part for part in command if str(part).startswith("--")):
                self.assertIn(option, told)

    def test_prometheus_and_grafana_find_what_is_mounted(self):
        prometheus = yaml.safe_load((DOCKER / "prometheus.yaml").read_text())
        self.assertEqual(prometheus["rule_files"], ["/etc/prometheus/rules/*.rules.yaml"])
        target = prometheus["scrape_configs"][0]["static_configs"][0]["targets"][0]
        self.assertIn(target.split(":")[0], self.compose["services"])
        source = yaml.safe_load((DOCKER / "grafana/datasource.yaml").read_text())["datasources"][0]
        self.assertEqual(source["url"].split(":")[1], "//prometheus")
        provider = yaml.safe_load((DOCKER / "grafana/dashboards.yaml").read_text())["providers"][0]
        self.assertIn(f"../grafana:{provider['options']['path']}:ro", self.compose["services"]["grafana"]["volumes"])


if __name__ == "__main__":
    unittest.main(verbosity=0)
