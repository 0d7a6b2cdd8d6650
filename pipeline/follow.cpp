#include "pipeline/follow.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <filesystem>
#include <optional>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "pipeline/follow_state.h"
#include "pipeline/judge.h"
#include "pipeline/line_journal.h"
#include "pipeline/line_source.h"
#include "pipeline/signals.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kTickMs = 1'000;        // how often a quiet pipe's time is told
constexpr Timestamp kDrainMs = 3'000;       // how long a writer may go on after a stop was asked for
constexpr Timestamp kLineEndMs = 50;        // how often the rest of a line is looked for then
// What omprog says and hears with confirmMessages and useTransactions.
constexpr std::string_view kBegin = "BEGIN TRANSACTION";
constexpr std::string_view kCommit = "COMMIT TRANSACTION";
constexpr std::string_view kTaken = "OK\n";
constexpr std::string_view kTakenForNow = "DEFER_COMMIT\n";
constexpr std::string_view kNotKept = "the state cannot be kept\n";
constexpr std::uint64_t kJournalBytes = std::uint64_t{4} << 20;  // the state is written when this much, and as much as itself, came

class Follower {
 public:
  Follower(std::unique_ptr<LineReader> lines, const FollowWorld& world, const Inventory& inventory,
           const FollowOptions& options, const FollowHooks& hooks)
      : lines_(std::move(lines)),
        world_(world),
        options_(options),
        hooks_(hooks),
        judge_(inventory, options.correlator, options.shards, {[this](const Verdict& verdict) { tell(verdict); }, {}, hooks.incident}),
        journal_(options.state_file.empty() ? "" : options.state_file + ".journal"),
        source_({"stdin", 0, std::nullopt, 0, options.dialects}, out_.replayed.lines, [this](const Event& event) { take(event); },
                [this](const RejectedLine& line) { reject(line); }) {
    lines_->set_before_wait([this] { return wait_for_input(); });
  }

  Followed run() {
    heard_at_ = line_at_ = reported_at_ = world_.steady();
    restore();
    read_journal();
    answer(kTaken);  // "ready"
    std::string_view text;
    while (out_.told_all && !shipper_gone_) {
      const LineReader::Got got = lines_->next(text);
      if (got == LineReader::Got::end) break;
      if (!options_.confirm || !take_mark(text)) take_line(got, text);
    }
    end();
    return std::move(out_);
  }

 private:
  // ---- lines

  void take_line(LineReader::Got got, std::string_view text) {
    const Timestamp now = world_.calendar();
    if (got == LineReader::Got::line) journal_.add({position_ + 1, now, text});
    judge_line(got, text, now);
    answer(in_transaction_ ? kTakenForNow : kTaken);
  }

  void judge_line(LineReader::Got got, std::string_view text, Timestamp arrived) {
    arrived_ = arrived;
    if (!options_.state_file.empty() && got == LineReader::Got::line) recent_.add(text, arrived_);
    source_.feed(got, text, ++position_, arrived_);
    line_at_ = world_.steady();
    note_heard();
  }

  // True when the line is no log line but omprog's word about the lines around it. A batch is confirmed once it is kept.
  bool take_mark(std::string_view text) {
    if (text == kBegin) {
      in_transaction_ = true;
      answer(kTaken);
      return true;
    }
    if (text != kCommit) return false;
    in_transaction_ = false;
    if (out_.told_all) answer(keep() ? kTaken : kNotKept);
    return true;
  }

  void answer(std::string_view words) {
    if (options_.confirm && out_.told_all && !world_.confirm(words)) shipper_gone_ = true;
  }

  void take(const Event& event) {
    if (!priming_) judge_.take(event, arrived_);
  }
  void reject(const RejectedLine& line) {
    if (!priming_ && hooks_.reject) hooks_.reject(line);
  }
  void tell(const Verdict& verdict) {
    ++out_.replayed.verdicts;
    if (hooks_.verdict && out_.told_all) out_.told_all = hooks_.verdict(verdict);
  }

  // ---- time

  // Before each read. False when the input shall end here.
  bool wait_for_input() {
    keep();
    while (out_.told_all && !shipper_gone_) {
      const Timestamp at_most = !stop_at_ ? kTickMs : lines_->mid_line() ? kLineEndMs : 0;
      const FollowWorld::Waited waited = world_.wait(at_most);
      pass_time();
      if (waited.stop && !stop_at_) {
        stop_at_ = world_.steady();
        if (!waited.input) continue;  // a line may have come with the signal
      }
      if (stop_at_ && world_.steady() - *stop_at_ >= kDrainMs) return false;
      if (waited.input) return true;
      if (stop_at_ && !lines_->mid_line()) return false;
    }
    return false;
  }

  // The present, by the lines' clock, is the newest stamp and what has passed since, never ahead of this machine's clock.
  void pass_time() {
    const Timestamp now = world_.steady();
    flush_quiet_hosts(now);
    if (heard_ != kUntimed) {
      const Timestamp present = std::min(heard_ + (now - heard_at_), world_.calendar());
      judge_.advance_to(std::max(heard_, present - options_.idle_margin_ms));
    }
    if (now - reported_at_ < options_.interval_ms) return;
    reported_at_ = now;
    if (journal_.bytes() > std::max(kJournalBytes, state_bytes_)) save();
    if (hooks_.on_interval) hooks_.on_interval(so_far());
  }

  void note_heard() {
    if (judge_.clock().now() == heard_) return;
    heard_ = judge_.clock().now();
    heard_at_ = line_at_;  // the message may have been held since
  }

  // A message that may go on over further lines is held. Its host being quiet for the margin, no more will come.
  void flush_quiet_hosts(Timestamp now) {
    if (marks_.empty() || now - marks_.back().at >= kTickMs) marks_.push_back({now, position_ + 1});
    std::uint64_t quiet = 0;
    while (!marks_.empty() && now - marks_.front().at >= options_.idle_margin_ms) {
      quiet = marks_.front().next;
      marks_.pop_front();
    }
    source_.flush(quiet);
    note_heard();
  }

  // ---- state

  void restore() {
    if (options_.state_file.empty()) return;
    std::string error;
    std::optional<FollowState> state = read_follow_state(options_.state_file, &error);
    StreamClock clock;
    if (state) clock.set(state->heard, state->told);
    if (state && !judge_.restore(state->shards, clock)) {
      error = options_.state_file + ": is the state of another number of shards, or of another version";
      state.reset();
    }
    if (!state) {
      if (!error.empty()) problem(error + "; beginning without it");
      return;
    }
    heard_ = state->heard;
    position_ = state->lines;
    recent_ = std::move(state->recent);
    for (HostGateway& known : state->gateways)
      judge_.gateways().restore(std::move(known.host), std::move(known.gateway), known.when);
    prime_readers();
    out_.restored = true;
  }

  // What a killed process took after its last state was saved. Its verdicts may have been told; they are told again.
  void read_journal() {
    bool any = false;
    journal_.read([&](const LineJournal::Entry& entry) {
      if (entry.position <= position_) return;  // the process ended between writing the state and clearing the journal
      position_ = entry.position - 1;
      judge_line(LineReader::Got::line, entry.text, entry.arrived);
      any = true;
    });
    out_.restored = out_.restored || any;
    if (!journal_.open() || (any && !save())) problem(options_.state_file + ".journal: cannot be written");
  }

  // The lines taken so far are on disk.
  bool keep() {
    const bool kept = journal_.flush();
    if (!kept && !complained_) problem(options_.state_file + ".journal: cannot be written");
    complained_ = !kept;
    return kept;
  }

  // The lines were judged before the restart: only what the readers remember of them is wanted.
  void prime_readers() {
    priming_ = true;
    std::uint64_t position = position_ - std::min<std::uint64_t>(position_, recent_.lines().size());
    for (const RecentLines::Line& line : recent_.lines()) source_.feed(LineReader::Got::line, line.text, ++position, line.arrived);
    priming_ = false;
    out_.replayed.lines = LineCounts();
  }

  // Only called when every verdict told so far has been written. True when there is nothing to save.
  bool save() {
    if (options_.state_file.empty() || !out_.told_all) return out_.told_all;
    // What the readers hold and will not meet again after a restart.
    source_.flush(position_ + 1 - std::min<std::uint64_t>(position_, recent_.lines().size()));
    if (!out_.told_all) return false;
    FollowState state{position_, heard_, judge_.clock().told(), judge_.save(), {}, recent_};
    judge_.gateways().each([&](const std::string& host, const std::string& gateway, Timestamp when) {
      state.gateways.push_back({host, gateway, when});
    });
    const std::string error = write_follow_state(options_.state_file, state);
    if (!error.empty()) {
      problem(error);
      return false;
    }
    std::error_code unknown;
    state_bytes_ = std::filesystem::file_size(options_.state_file, unknown);
    return journal_.clear();
  }

  void end() {
    if (!out_.told_all) {
      keep();  // the state stays as it was: what came since then is judged and told again
    } else if (options_.state_file.empty()) {
      source_.flush();
      judge_.finish();
    } else if (!save()) {
      out_.replayed.error = options_.state_file + ": cannot be written";
    }
    if (!lines_->error().empty()) out_.replayed.error = "stdin: " + lines_->error();
    out_.replayed = so_far();
    if (hooks_.on_interval) hooks_.on_interval(out_.replayed);
  }

  Replayed so_far() const {
    Replayed now = out_.replayed;
    now.shard = judge_.counts();
    return now;
  }
  void problem(const std::string& sentence) const {
    if (hooks_.problem) hooks_.problem(sentence);
  }

  std::unique_ptr<LineReader> lines_;
  const FollowWorld& world_;
  const FollowOptions& options_;
  const FollowHooks& hooks_;
  Followed out_;
  Judge judge_;
  LineJournal journal_;
  LineSource source_;

  std::uint64_t position_ = 0;     // of the last line, restarts included
  RecentLines recent_;
  std::uint64_t state_bytes_ = 0;  // of the file
  Timestamp arrived_ = kUntimed;   // of the line in hand, by the calendar
  Timestamp heard_ = kUntimed;     // the newest stamp …
  Timestamp heard_at_ = 0;         // … and when it came, by the steady clock
  Timestamp line_at_ = 0;          // when the last line came, by the steady clock
  Timestamp reported_at_ = 0;
  struct Mark {
    Timestamp at;        // by the steady clock
    std::uint64_t next;  // position of the line that came after
  };
  std::deque<Mark> marks_;  // one a second, for as long as the margin
  std::optional<Timestamp> stop_at_;  // since when a stop is asked for
  bool complained_ = false;
  bool priming_ = false;
  bool in_transaction_ = false;
  bool shipper_gone_ = false;
};

template <class Clock>
Timestamp ms_of() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
}

FollowWorld::Waited wait_on_stdin(Timestamp at_most_ms) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  const int ready = ::poll(&input, 1, static_cast<int>(at_most_ms));  // a signal ends it early
  return {ready > 0, SignalsNoted::seen() != 0};
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return false;
    if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace

Followed follow(std::unique_ptr<LineReader> lines, const FollowWorld& world, const Inventory& inventory,
                const FollowOptions& options, const FollowHooks& hooks) {
  return Follower(std::move(lines), world, inventory, options, hooks).run();
}

FollowWorld real_world() {
  return {ms_of<std::chrono::system_clock>, ms_of<std::chrono::steady_clock>, wait_on_stdin,
          [](std::string_view words) { return write_all(STDOUT_FILENO, words); }};
}

}  // namespace vpnverdict
