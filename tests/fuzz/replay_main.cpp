// Stands in for libFuzzer where it is not linked: runs the fuzz target once on every file named, or on every file of
// the folders named, and on a few thousand mutations of each (seeded, so that a failure comes back).
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kMutationsPerFile = 500;

void run(const std::string& input) {
  // An exact allocation: a sanitizer sees the first byte read behind it.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string mutated(std::string input, std::mt19937& random) {
  for (unsigned n = 1 + random() % 4; n > 0 && !input.empty(); --n) {
    const std::size_t at = random() % input.size();
    switch (random() % 4) {
      case 0: input[at] = static_cast<char>(random()); break;
      case 1: input.erase(at, 1 + random() % 8); break;
      case 2: input.insert(at, input.substr(random() % input.size(), random() % 16)); break;
      default: input.resize(at); break;
    }
  }
  return input;
}

bool replay(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    return false;
  }
  const std::string input((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::mt19937 random(static_cast<unsigned>(input.size()));
  run(input);
  for (int i = 0; i < kMutationsPerFile; ++i) run(mutated(input, random));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  run({});
  for (int i = 1; i < argc; ++i) {
    const std::filesystem::path path = argv[i];
    std::vector<std::filesystem::path> found;
    if (std::filesystem::is_directory(path)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
        if (entry.is_regular_file()) found.push_back(entry.path());
    } else {
      found.push_back(path);
    }
    for (const auto& file : found) {
      if (!replay(file)) return 1;
      ++files;
    }
  }
  std::printf("%zu corpus files replayed, %d mutations each\n", files, kMutationsPerFile);
  return files == 0 ? 1 : 0;
}
