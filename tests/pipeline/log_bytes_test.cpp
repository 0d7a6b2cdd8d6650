// Files as people have them: packed by log rotation, exported by Windows, cut off, or not logs at all. What is packed here is
// packed by zlib itself; UTF-16 by hand, from the code points.
#include "pipeline/log_bytes.h"

#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "pipeline/line_reader.h"

namespace vpnverdict {
namespace {

std::string packed(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(Z_OK, ::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY));
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(Z_STREAM_END, ::deflate(&stream, Z_FINISH));
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

int file_of(const std::string& bytes) {
  const int fd = ::memfd_create("log", MFD_CLOEXEC);
  EXPECT_EQ(static_cast<ssize_t>(bytes.size()), ::write(fd, bytes.data(), bytes.size()));
  EXPECT_EQ(0, ::lseek(fd, 0, SEEK_SET));
  return fd;
}

struct Read {
  std::string text;
  std::string error;
  bool plain = false;
};

Read read_all(int fd) {
  LogBytes bytes(fd);
  Read out;
  char some[1000];
  for (std::size_t got; (got = bytes.read(some, sizeof some)) > 0;) out.text.append(some, got);
  out.error = bytes.error();
  out.plain = bytes.plain();
  return out;
}
Read read_all(const std::string& file) { return read_all(file_of(file)); }

std::string long_text() {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "line " + std::to_string(i * 7919 % 50'021) + "\n";
  return text;
}

TEST(LogBytes, all_else_is_given_as_it_is) {
  for (const std::string& text :
       {std::string(), std::string("B"), std::string("Bad\n"), std::string("\x1F"), std::string("\xFF"), long_text()}) {
    const Read read = read_all(text);
    EXPECT_EQ(text, read.text);
    EXPECT_EQ("", read.error);
    EXPECT_TRUE(read.plain);
  }
}

TEST(LogBytes, gzip_is_unpacked) {
  for (const std::string& text : {std::string(), std::string("a\n"), long_text()}) {
    const Read read = read_all(packed(text));
    EXPECT_EQ(text, read.text);
    EXPECT_EQ("", read.error);
    EXPECT_FALSE(read.plain);
  }
}

TEST(LogBytes, pieces_of_gzip_one_after_another_are_one_text) {
  const Read read = read_all(packed("yesterday\n") + packed("") + packed("today\n") + std::string(512, '\0'));
  EXPECT_EQ("yesterday\ntoday\n", read.text);
  EXPECT_EQ("", read.error);
}

TEST(LogBytes, gzip_through_a_pipe_that_gives_a_byte_at_a_time) {
  int ends[2];
  ASSERT_EQ(0, ::pipe2(ends, O_CLOEXEC));
  std::thread writer([&] {
    for (const char c : packed("a\nb\n")) EXPECT_EQ(1, ::write(ends[1], &c, 1));
    ::close(ends[1]);
  });
  EXPECT_EQ("a\nb\n", read_all(ends[0]).text);
  writer.join();
}

TEST(LogBytes, what_is_there_of_a_file_cut_off_is_given_and_the_rest_is_missed) {
  const std::string whole = packed(long_text());
  const Read read = read_all(whole.substr(0, whole.size() / 2));
  EXPECT_FALSE(read.text.empty());
  EXPECT_TRUE(long_text().starts_with(read.text));
  EXPECT_EQ("the end of the packed file is missing", read.error);
}

TEST(LogBytes, damage_is_said) {
  std::string file = packed(long_text());
  for (std::size_t i = file.size() / 2; i < file.size(); ++i) file[i] = static_cast<char>(file[i] ^ 0x55);
  const Read read = read_all(file);
  EXPECT_TRUE(read.error.starts_with("is damaged")) << read.error;
}

TEST(LogBytes, what_other_programs_packed_is_named) {
  EXPECT_EQ("is packed by zstd: unpack it first", read_all("\x28\xB5\x2F\xFD\x04").error);
  EXPECT_EQ("is packed by xz: unpack it first", read_all("\xFD"
                                                         "7zXZ")
                                                    .error);
  EXPECT_EQ("is packed by bzip2: unpack it first", read_all("BZh91AY&SY").error);
  EXPECT_EQ("is packed by zip: unpack it first", read_all("PK\x03\x04\x14").error);
}

// "Ü", "€" and a letter, in both orders of bytes.
TEST(LogBytes, utf16_becomes_utf8) {
  using std::string_literals::operator""s;
  EXPECT_EQ(
      "\xC3\x9C\xE2\x82\xAC"
      "a\n",
      read_all("\xFF\xFE\xDC\x00\xAC\x20"
               "a\0\n\0"s)
          .text);
  EXPECT_EQ(
      "\xC3\x9C\xE2\x82\xAC"
      "a\n",
      read_all("\xFE\xFF\x00\xDC\x20\xAC\0a\0\n"s).text);
  std::string utf16 = "\xFF\xFE";
  for (const char c : long_text()) utf16 += {c, '\0'};
  EXPECT_EQ(long_text(), read_all(utf16).text);
  EXPECT_EQ(long_text(), read_all(packed(utf16)).text);
  EXPECT_EQ("a", read_all("\xFF\xFE"
                          "a\0b"s)
                     .text)
      << "half a character at the end is none";
}

TEST(LogBytes, a_reader_of_lines_reads_through_it) {
  LineReader lines(file_of(packed("a\r\nb\n")));
  std::string_view line;
  ASSERT_EQ(LineReader::Got::line, lines.next(line));
  EXPECT_EQ("a", line);
  ASSERT_EQ(LineReader::Got::line, lines.next(line));
  EXPECT_EQ("b", line);
  EXPECT_EQ(LineReader::Got::end, lines.next(line));
}

// Copied with the page's source, or out of a mail's: the text is what the reader of the page saw.
TEST(LogBytes, a_log_saved_with_the_markup_around_it) {
  const std::string log = "%ASA-4-113019: Group <staff> User <alice> IP <192.0.2.1> gone\n595 20:47:46.335 06/21/05 Sev=Info/4\nRECEIVING <<< ISAKMP OAK AG & more\n";
  for (const std::string page :
       {"<pre><code>%ASA-4-113019: Group &lt;staff&gt; User &lt;alice&gt; IP &lt;192.0.2.1&gt; <span style=\"color: #ff0000;\">gone</span>\n595 20:47:46.335 "
        "06/21/05 Sev=Info/4\nRECEIVING &lt;&lt;&lt; ISAKMP OAK AG &amp; more\n</code></pre>",
        "%ASA-4-113019: Group <staff> User <alice> IP <192.0.2.1> gone<br>\n595 20:47:46.335 06/21/05 Sev=Info/4<br />\r\nRECEIVING &lt;&lt;&lt; ISAKMP OAK AG &amp; "
        "more<BR>",
        "<p>%ASA-4-113019: Group &lt;staff&gt; User &lt;alice&gt; IP &lt;192.0.2.1&gt; gone</p><p>595 20:47:46.335 06/21/05 Sev=Info/4</p>\n<div>RECEIVING "
        "&lt;&lt;&lt; ISAKMP OAK AG &amp; more</div>",
        "%ASA-4-113019: Group &lt;staff&gt; User &lt;alice&gt; IP &lt;192.0.2.1&gt; gone\n595 20:47:46.335 06/21/05 Sev=Info/4\nRECEIVING &lt;&lt;&lt; ISAKMP OAK AG "
        "&amp; more\n"}) {
    const Read read = read_all(page);
    EXPECT_EQ(log, read.text) << page;
    EXPECT_FALSE(read.plain);
  }
}

TEST(LogBytes, markup_that_is_cut_by_the_end_of_a_piece_is_whole_again) {
  std::string page = "<pre>\n";
  std::string log;
  for (int i = 0; i < 20'000; ++i) {
    page += "Group &lt;g" + std::to_string(i) + "&gt; <span class=\"x\">said</span> so &amp; so<br/>\n";
    log += "Group <g" + std::to_string(i) + "> said so & so\n";
  }
  EXPECT_EQ(log, read_all(page + "</pre>").text);
}

// A name that a stranger types ends no line and makes no other: one that is broken off would be a line of his own.
TEST(LogBytes, a_strangers_name_is_no_markup) {
  const std::string told = "%ASA-4-713903: Unable to find group <br>\n%ASA-4-113019: Group <a> User <x<br>%ASA-6-113039: made up> gone\n";
  EXPECT_EQ(told, read_all(told).text);
  EXPECT_EQ("group >\n\nuser <br>made up\n", read_all("group &gt;\n\nuser &lt;br&gt;made up\n").text);
  const std::string json = "{\"message\":\"GET /?q=&lt;&quot;\"}\n";
  EXPECT_EQ(json, read_all(json).text);
}

// Priorities, groups in angle brackets, a page in the middle of a client's debug output; and a file that ends inside a tag.
TEST(LogBytes, a_log_with_some_markup_in_it_is_no_page) {
  for (const std::string log : {"<166>Aug 28 2023 15:35:01 fw : %ASA-6-113019: Group <p> User <br> IP <192.0.2.1> &lt;\n", "Group <GroupPolicy_Staff> User <a> IP <192.0.2.1> x\n<br>&gt;\n",
                                "POST https://vpn.example.com/\n<?xml version=\"1.0\"?>\n<pre>a &amp; b</pre>\n"}) {
    const Read read = read_all(log);
    EXPECT_EQ(log, read.text);
    EXPECT_TRUE(read.plain);
  }
  EXPECT_EQ("a <b & c <br", read_all("<pre>a <b & c <br").text);
}

}  // namespace
}  // namespace vpnverdict
