// The files of the status page, as they stand in this folder: CMake puts their bytes into the program (embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace vpnverdict {

struct PageFile {
  std::string_view path;  // of the URL
  std::string_view type;
  std::string_view text;
};

std::span<const PageFile> page_files();

}  // namespace vpnverdict
