// The least that any program must do with a file, as whole programs beside which `vpnverdict replay` is measured:
//   floors copy FILE   read it, in steps of 1 MiB, and copy every byte once
//   floors lines FILE  read it and find its line ends
//   floors json FILE   the same, and simdjson On-Demand touches the fields of each line that an envelope may have
// Built for AVX2: On-Demand is inlined from simdjson's header and would run at half its speed otherwise.
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include <simdjson.h>

namespace {

namespace od = simdjson::ondemand;

constexpr std::size_t kStep = std::size_t{1} << 20;

struct Sums {
  std::size_t lines = 0;
  std::size_t bytes = 0;   // of the fields touched
  std::size_t broken = 0;
};

// Message, host, time, sender and group, as rsyslog and Beats write them; every field of a line is visited, as by somebody who does not
// know the order. Nested objects one level deep.
simdjson::error_code touch(od::object object, Sums& sums, int depth) {
  for (auto field : object) {
    std::string_view key;
    if (simdjson::error_code error = field.unescaped_key().get(key)) return error;
    od::value value = field.value();
    const bool wanted = key == "message" || key == "@timestamp" || key == "host" || key == "fromhost-ip" || key == "name" || key == "ip" || key == "group";
    const bool inside = depth == 0 && (key == "host" || key == "source" || key == "fields");
    od::object below;
    std::string_view text;
    if (inside && value.get_object().get(below) == simdjson::SUCCESS) {
      if (simdjson::error_code error = touch(below, sums, depth + 1)) return error;
    } else if (wanted) {
      if (simdjson::error_code error = value.get_string().get(text)) return error;
      sums.bytes += text.size();
    }
  }
  return simdjson::SUCCESS;
}

struct Json {
  od::parser parser;
  std::unique_ptr<char[]> padded{new char[kStep + simdjson::SIMDJSON_PADDING]};
  void line(std::string_view text, Sums& sums) {
    std::memcpy(padded.get(), text.data(), text.size());
    od::document document;
    od::object object;
    if (parser.iterate(padded.get(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).get(document) || document.get_object().get(object) ||
        touch(object, sums, 0))
      ++sums.broken;
  }
};

template <class OnLine>
void each_line(int file, OnLine&& on_line) {
  const std::unique_ptr<char[]> buffer(new char[2 * kStep]);
  std::size_t kept = 0;
  for (ssize_t got; (got = ::read(file, buffer.get() + kept, kStep)) > 0;) {
    std::string_view window(buffer.get(), kept + static_cast<std::size_t>(got));
    for (std::size_t end; (end = window.find('\n')) != std::string_view::npos; window.remove_prefix(end + 1)) on_line(window.substr(0, end));
    kept = std::min(window.size(), kStep);
    std::memmove(buffer.get(), window.data(), kept);
  }
}

void copy(int file, Sums& sums) {
  const std::unique_ptr<char[]> from(new char[kStep]), to(new char[kStep]);
  for (ssize_t got; (got = ::read(file, from.get(), kStep)) > 0;) {
    std::memcpy(to.get(), from.get(), static_cast<std::size_t>(got));
    asm volatile("" : : "r"(to.get()) : "memory");
    sums.bytes += static_cast<std::size_t>(got);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 3 ? argv[1] : "";
  const int file = argc == 3 ? ::open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) {
    std::fputs("usage: floors copy|lines|json FILE\n", stderr);
    return 2;
  }
  Sums sums;
  Json json;
  if (what == "copy") copy(file, sums);
  if (what == "lines") each_line(file, [&](std::string_view line) { ++sums.lines, sums.bytes += line.size(); });
  if (what == "json") each_line(file, [&](std::string_view line) { ++sums.lines, json.line(line, sums); });
  std::printf("%zu lines, %zu bytes, %zu broken\n", sums.lines, sums.bytes, sums.broken);
  ::close(file);
  return 0;
}
