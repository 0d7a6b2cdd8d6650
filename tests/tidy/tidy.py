#!/usr/bin/env python3
"""What a compiler does not check about this tree: who includes whom, words that have no place, files nobody builds.

usage: tidy.py ROOT [--program build/.../vpnverdict]     one finding a line, exit 1 if there is any

Each check is a generator over {path: text}; tidy_test.py shows each one a tree that breaks its rule.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

SOURCE = (".cpp", ".h")

# Room -> rooms that it may include. The longest matching name is the room; tests/ and bench/ see all, nobody sees them.
ARROWS = {
    "correlator": {"correlator"},
    "metrics": {"correlator", "metrics"},
    "pipeline/dialect": {"correlator", "pipeline/dialect"},
    "pipeline": {"correlator", "metrics", "pipeline", "pipeline/dialect"},
    "tests": {"correlator", "metrics", "pipeline", "pipeline/dialect", "tests"},
    "bench": {"correlator", "metrics", "pipeline", "pipeline/dialect", "bench"},
}

# Third-party header -> the files that may include it. Their types stay behind these files' own headers.
FENCES = [
    (r"librdkafka/", r"pipeline/kafka_\w+\.(h|cpp)|tests/broker/\w+\.(h|cpp)"),
    (r"simdjson\.h", r"pipeline/dialect/envelope_json(_haswell)?\.cpp|pipeline/(kafka_stats|score|score_incidents)\.cpp"
                     r"|tests/pipeline/(verdict_json|status_page|pool_table)_test\.cpp|bench/(envelope_bench|floors)\.cpp"),
    (r"absl/container/", r"(correlator|pipeline|bench)/.*\.(h|cpp)"),
    (r"absl/(strings|log|time|status)/", r"$^"),  # the Debian package has its own string_view and no log
    (r"yaml-cpp/", r"pipeline/(config\.cpp|dialect_file\.cpp|yaml_walk\.(h|cpp))"),
    (r"CLI/", r"pipeline/main\.cpp"),
    (r"spdlog/", r"pipeline/log\.cpp"),
    (r"prometheus/", r"metrics/\w+\.(h|cpp)|tests/metrics/\w+\.cpp"),
    (r"httplib\.h", r"metrics/exposer\.cpp|tests/(metrics|broker)/\w+\.cpp"),
    (r"openssl/", r"metrics/tls\.cpp|tests/metrics/\w+\.cpp"),
    (r"zlib\.h", r"pipeline/log_bytes\.cpp|tests/pipeline/log_bytes_test\.cpp"),
    (r"benchmark/", r"bench/\w+\.cpp"),
    (r"g(test|mock)/", r"tests/.*"),
]

# The decisions and the reading of lines are pure: time and bytes come in as arguments.
PURE = ("correlator", "pipeline/dialect")
IMPURE_HEADERS = {"atomic", "chrono", "condition_variable", "filesystem", "fstream", "future", "iostream", "mutex", "random",
                  "shared_mutex", "stop_token", "thread", "time.h", "ctime", "unistd.h", "cstdio"}

# Pattern in code (comments and literals removed), where it is banned, why.
EVERYWHERE = r".*"
WORDS = [
    (r"std::w?regex\b|<regex>", EVERYWHERE, "backtracks on what strangers type; write a pattern row"),
    (r"std::(cout|cerr|clog)\b", r"(correlator|metrics|pipeline/dialect)/.*", "libraries do not print"),
    (r"(system|steady|high_resolution)_clock::now\b|\bgettimeofday\b|\bclock_gettime\b|[^\w.>]time\((0|NULL|nullptr)\)",
     r"(correlator|pipeline/dialect)/.*", "time is an argument here"),
    (r"system_clock::now\b", r"(correlator|metrics|tests|bench)/.*", "the calendar is read in pipeline/ only"),
    (r"\bshared_ptr\b", r"(correlator|metrics|pipeline/dialect)/.*", "one owner"),
    (r"\busing namespace std\b", EVERYWHERE, "hides where a name comes from"),
]

# What other people's programs wrote, kept verbatim.
VERBATIM = ("tests/replay/", "tests/fuzz/corpus/")
SELF = "tests/tidy/"

LITERALS = re.compile(
    r"""(?P<keep>(?<=[0-9a-fA-F])'(?=[0-9a-fA-F]))|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|"""
    r"""'(?:\\.|[^'\\\n])+'|//[^\n]*|/\*.*?\*/""", re.S)


def code_of(text):
    """The text without comments and literals; lines keep their numbers. Include lines keep their names."""
    def gone(match):
        return match.group() if match.group("keep") else '""' + "\n" * match.group().count("\n")
    lines = text.split("\n")
    includes = {i: line for i, line in enumerate(lines) if line.startswith("#include")}
    out = LITERALS.sub(gone, text).split("\n")
    for i, line in includes.items():
        if i < len(out):
            out[i] = line.split("//")[0]
    return out


def room_of(path):
    return next((room for room in sorted(ARROWS, key=len, reverse=True) if path.startswith(room + "/")), None)


def sources(tree):
    return {path: text for path, text in tree.items() if path.endswith(SOURCE)}


def includes_of(text):
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1), match.group(2)


def check_arrows(tree):
    for path, text in sources(tree).items():
        room = room_of(path)
        for number, kind, name in includes_of(text):
            if kind == "<":
                if room in PURE and name in IMPURE_HEADERS:
                    yield f"{path}:{number}: <{name}> in {room}/, which has no I/O, threads or clock"
                continue
            target = room_of(name)
            if target is None:
                yield f'{path}:{number}: "{name}" is not named from the root of the tree'
            elif room is not None and target not in ARROWS[room]:
                yield f"{path}:{number}: {room}/ must not include {target}/ ({name})"


def check_fences(tree):
    for path, text in sources(tree).items():
        for number, kind, name in includes_of(text):
            for header, allowed in FENCES:
                if kind == "<" and re.match(header, name) and not re.fullmatch(allowed, path):
                    yield f"{path}:{number}: <{name}> outside its files ({allowed})"


def check_words(tree):
    for path, text in sources(tree).items():
        lines = code_of(text)
        for pattern, where, why in WORDS:
            if not re.fullmatch(where, path):
                continue
            for number, line in enumerate(lines, 1):
                if re.search(pattern, line):
                    yield f"{path}:{number}: {re.search(pattern, line).group()}: {why}"


def check_todo(tree):
    for path, text in tree.items():
        if path.startswith(VERBATIM + (SELF,)):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if re.search(r"\bTODO\b(?!: (\S+ ){2,}\S+)|\bFIXME\b", line):
                yield f"{path}:{number}: TODO: say in words what is missing and why it can wait"


def check_built(tree):
    """Every .cpp is named by the CMakeLists.txt that builds it; every header is included by somebody."""
    built = set()
    for path, text in tree.items():
        if path.endswith("CMakeLists.txt"):
            folder = os.path.dirname(path)
            text = re.sub(r"#[^\n]*", "", text)
            names = re.findall(r"[\w./-]+\.cpp\b", text) + [f"{n}.cpp" for n in re.findall(r"vpnverdict_fuzz\((\w+)", text)]
            built |= {os.path.normpath(os.path.join(folder, name)) for name in names}
    included = {name for text in sources(tree).values() for _, kind, name in includes_of(text) if kind == '"'}
    for path in sources(tree):
        if path.endswith(".cpp") and path not in built:
            yield f"{path}: no CMakeLists.txt builds it"
        if path.endswith(".h") and path not in included:
            yield f"{path}: nobody includes it"


def check_paths(tree):
    """Neither a path of somebody's machine nor a host to fetch from: packages come through the system's own clients."""
    fetchers = re.compile(r"(^|/)(CMakeLists\.txt|CMakePresets\.json|pom\.xml|Dockerfile)$|\.(cmake|sh)$")
    for path, text in tree.items():
        if path.startswith(VERBATIM + (SELF,)):
            continue
        script = text.startswith("#!") or fetchers.search(path)
        for number, line in enumerate(text.split("\n"), 1):
            if re.search(r"(^|[\s\"'=(:])/(work|root|home|Users)/\w", line):
                yield f"{path}:{number}: a path of one machine"
            # Addresses of this machine and the names of XML vocabularies are no hosts to fetch from.
            host = re.search(r"\w+://(?!localhost|127\.0\.0\.1|\[::1\]|www\.w3\.org/|maven\.apache\.org/|[${])[\w.-]+", line)
            if script and host:
                yield f"{path}:{number}: {host.group()} named in a set-up file"


CHECKS = [check_arrows, check_fences, check_words, check_todo, check_built, check_paths]


def tree_of(root):
    """Tracked files, or in a tree without git all files outside the build."""
    listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z"], capture_output=True)
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().split("\0")
    else:
        names = [str(p.relative_to(root)) for p in pathlib.Path(root).rglob("*") if p.is_file()]
    tree = {}
    for name in names:
        path = pathlib.Path(root, name)
        if name and not name.startswith(("build/", ".git/")) and path.is_file():
            tree[name] = path.read_text(encoding="utf-8", errors="replace")
    return tree


def check_rules(root, program):
    fresh = subprocess.run([program, "rules", "--format", "md"], capture_output=True, check=True, timeout=60).stdout
    if fresh != pathlib.Path(root, "correlator/RULES.md").read_bytes():
        yield "correlator/RULES.md is stale; run: vpnverdict rules --format md > correlator/RULES.md"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("root")
    arguments.add_argument("--program", help="the built vpnverdict, to compare RULES.md with")
    asked = arguments.parse_args()
    tree = tree_of(asked.root)
    if "CMakeLists.txt" not in tree:
        sys.exit(f"{asked.root} is not the root of the tree")
    findings = [finding for check in CHECKS for finding in check(tree)]
    if asked.program:
        findings += check_rules(asked.root, asked.program)
    print("\n".join(findings) if findings else f"{len(tree)} files are tidy")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
