// Dialects: what each program's log lines mean. A dialect is a table of rows; one message is one row with
// its real sample, and tests/dialect/rows_test.cpp checks every row from that sample alone.
// Start here to add a log message; pattern words are in README.md beside this file.
// Tables are constant; SourceState belongs to one source and one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "correlator/event.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {

// One message. The pattern is literal text with typed holes, anchored at both ends, letter case ignored;
// a blank matches any run of white space (line breaks included). Rows are tried in table order, so a row
// with a more exact text stands before the general one. No hole but the last may be {rest}.
//
//   fields     {peer} {gateway} {address}  an address-like token (digits, dots, colons, hex, masked "xxx.xxx"; damage kept)
//              {group} {user} {pool} {server}  a name: up to the literal that follows, one line, at most 256 bytes
//              {session} {message_id} decimal; {message_id:hex} {cookie:hex} {spi_in:hex} {spi_out:hex}
//   discarded  {int} {hex} {ip} {word} (no white space) {name} (one line, may be empty) {more} (like {name}, over
//              several lines) {rest} (everything left, may be empty) {_} white space that may be missing
struct MessageRow {
  std::string_view id;       // the dialect's own number or class, when it has one; a hint, the text is the key
  FactMask says;             // may be empty: a known message that decides nothing
  std::string_view pattern;  // matched against the text behind the header
  std::string_view sample;   // one real message, header and continuation lines included
  std::string_view expect;   // fields the sample must yield: `peer=192.168.1.100 group=mygroup user="U 1"`
  std::string_view from;     // provenance: "seed Ex 8-12", "ossec VPN 3000", or "synthetic: why"
};

// A line that must not match any row with facts, and why.
struct NotOurs {
  std::string_view sample;
  std::string_view reason;
};

// What a reader remembers about one source between its lines. Bounded; a value.
struct SourceState {
  Dialect dialect = Dialect::unknown;  // of the last recognised line; headerless lines are read by it
  bool vantage_known = false;
  Vantage vantage = Vantage::concentrator;  // for daemons that play both parts (charon, pluto)
  int year = 0;                             // for stamps without a year; 0 = take it from the envelope, else 1970
  Timestamp year_end = kUntimed;            // `year` is a guess: a stamp is of the last year before this, and an envelope knows better
  Timestamp last_time = kUntimed;           // headerless lines inherit it
  bool stamped = false;                     // its headers bear stamps
  IsoStamps stamps;
  // Which negotiation a worker thread is busy with, for charon logs that do not name the session.
  struct Thread {
    std::uint8_t id = 0;
    bool used = false;
    std::uint8_t flow = 0;  // index in flows
    std::uint16_t port = 0;  // on which the packet arrived
    std::uint16_t from = 0;  // its sender's, where it arrived on 500
    std::uint64_t session = 0;
    std::uint64_t cookie = 0;
    std::optional<Fact> refusal;  // why the configuration in hand does not do
    std::array<char, 48> peer{};
  };
  // An address and port that packets came from: what tells clients behind one NAT apart in such logs.
  struct Flow {
    std::array<char, 56> sender{};   // "198.51.100.10[57863]"
    std::uint64_t session = 0;       // made up, since the log prints none
    std::uint64_t last_packet = 0;
    bool moved = false;              // the negotiation went on at a second port
    bool settled = false;            // established or refused
    bool over = false;               // no more of it is to come
    bool answered = false;           // its second message was read whole
    bool begins_again = false;       // … as was demanded: its next first message is of the same attempt
  };
  // A session that is to begin again with the group that the gateway asks for: the next one that begins at its port is it.
  struct Again {
    std::array<char, 48> peer{};
    std::uint16_t from = 0;
    std::uint64_t session = 0;  // 0: it has
  };
  // Made when first asked for: most sources need none, and a stream may have a thousand sources.
  struct Workers {
    std::array<Thread, 32> threads{};
    std::array<Flow, 64> flows{};
    std::array<Again, 16> again{};
    std::array<std::array<std::uint64_t, 2>, 256> begun{};  // a session that is another one's second beginning, and that one, at the first modulo 256
    std::array<std::uint64_t, 16> own_tunnels{};  // sessions that the gateway itself began, to other gateways
    std::array<std::uint64_t, 16> keyless{};      // 1 more than a session whose user has no key, at the session modulo 16; see charon.cpp
  };
  Workers& workers() {
    if (workers_ == nullptr) workers_ = std::make_unique<Workers>();
    return *workers_;
  }
  void forget_workers() { workers_.reset(); }
  // pluto gives phase 2 a number of its own: whose phase 1 it goes on.
  struct Numbered {
    std::uint64_t number = 0;
    std::uint64_t phase1 = 0;  // equals `number` for a phase 1, 0 where the gateway itself began it, to another gateway
    std::array<char, 48> peer{};
  };
  using NumberedRing = std::array<Numbered, 64>;
  NumberedRing& numbered() {
    if (numbered_ == nullptr) numbered_ = std::make_unique<NumberedRing>();
    return *numbered_;
  }
  std::uint64_t packets = 0;    // received so far; numbers the made-up sessions, too
  bool sessions_named = false;  // the log does print them
  std::uint16_t port = 0;       // where the packet arrived that the line in hand is about, 0 = unknown
  bool marked = false;              // charon: its lines bear a thread and a group
  Timestamp mixed_until = kUntimed;  // charon without them: several clients' lines may come in turns until then
  std::uint64_t run = 0;  // grows when the program restarts, so that restarted session numbers do not collide
  std::uint8_t ike_version = 0;   // charon client: of its last initiation; an identity is a group (1) or a user (2)
  bool bind_failed = false;       // charon: told at its start, a cause of the attempts that follow
  bool admin_terminates = false;  // charon: the next session that it deletes is deleted by command
  bool address_refused = false;   // charon client: the attempt in hand got no address
  bool asked = false;             // openconnect: the server's form is shown, what is posted next answers it
  bool in_phase2 = false;         // charon and pluto client: what is refused now is no longer phase 1
  bool own_line = false;          // pluto gateway: the line in hand is of a tunnel that it began itself
  std::uint64_t numbers = 0;      // pluto gateway: how many it has used
  std::uint64_t begun = 0;        // pluto gateway: the session whose first line was read last
  std::uint64_t keyless = 0;      // pluto gateway: the session for which it has no key or method, and so no proposal
  std::optional<Fact> refusal;    // charon: why no configuration does, for the line in hand; openconnect: what is wrong with the server's certificate
  std::uint64_t own_tunnels = 0;  // charon: how many there were
  std::uint64_t again = 0;        // charon: how many sessions had to begin again
  std::uint8_t run_thread = 255;  // charon: the thread that wrote the line before
  std::array<char, 48> run_peer{};  // charon: whose job it was at, where no packets are printed

 private:
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<NumberedRing> numbered_;
};

// On Cisco's concentrators another site's gateway belongs to a group that has its address for a name; a user's client does not.
inline bool group_is_its_address(const Event& event) {
  return !event.peer.empty() && event.group == event.peer && (event.user.empty() || event.user == event.peer);
}

enum class HeaderResult : std::uint8_t {
  not_mine,   // the line is not of this dialect
  cut,        // header read, `text` is what the rows shall match
  quiet,      // header read, and the device's own number says that no row will match
  bad,        // the dialect's mark is there, the rest is broken: Reject::bad_header
  bad_field,  // a name in the header or prefix is outside its alphabet or too long: Reject::bad_field
  ambiguous,  // a name in the header or prefix can be read in two ways: Reject::ambiguous_field
};

struct HeaderShape;  // of a user's dialect, header_shape.h

struct DialectTable {
  Dialect id;
  Vantage vantage;  // default side; SourceState::vantage overrides it where vantage_known
  // True when a message may go on over following lines until the next header.
  bool continues = false;
  // Optional, where `continues` is false: whether a message that no row knows may have been wrapped by whoever posted it. The line is then
  // read again as one with what follows.
  bool (*may_be_wrapped)(std::string_view line) = nullptr;
  // Recognises one line, fills the Event's header fields (time, device, peer, detail, message, repeats, …;
  // group and user where the dialect prints them as a prefix) and cuts the header off into `text`, a part of `line`.
  // Leaves the event alone when the line is not its own. Event::received is set before; see year_for().
  HeaderResult (*cut_header)(std::string_view line, SourceState& state, Event& event, std::string_view& text);
  std::span<const MessageRow> rows;
  std::span<const NotOurs> not_ours;
  // Optional: the same for a text that bears no mark of its own, of which a syslog tag or an envelope says that `program` wrote it.
  HeaderResult (*cut_tagged)(std::string_view program, std::string_view text, SourceState& state, Event& event, std::string_view& message) = nullptr;
  // Optional: completes the event from the source's memory after a row matched (charon's threads).
  void (*complete)(SourceState& state, Event& event) = nullptr;
  // Optional: cuts what stands between header and message proper (names in brackets, possibly on a line of their
  // own), once all lines of the message are together. Answers `cut` also when nothing is cut.
  HeaderResult (*cut_prefix)(std::string_view message, SourceState& state, Event& event, std::string_view& text) = nullptr;
  // What it cuts begins with one of these, in lower case; needed where `headerless` is true.
  std::span<const std::string_view> prefix_starts = {};
  // True when the rows are also tried on lines without any header (transcripts, excerpts in tickets), which may be
  // wrapped over up to kFragmentLinesMax lines. Lines that begin with a stamp are never tried.
  bool headerless = false;
  // True when such a line is never wrapped.
  bool one_line = false;
  // A user's dialect: its header, in place of cut_header.
  const HeaderShape* shape = nullptr;
};

// For stamps without a year: the reader's where it is known, else the envelope's, else the reader's, else 1970.
int year_for(const SourceState& state, const Event& event);
// The event's time; what year_for() gave to a line of last December that is read in January is put right.
Timestamp time_in_year(const SourceState& state, const Event& event, std::string_view line);

// Every table, in the order in which a line is offered to them. The explicit list is in dialect.cpp.
// Tables of one Dialect with different vantages stand side by side and share their cut_header.
std::span<const DialectTable* const> all_dialects();

class DialectSet;  // compiled tables, dialect_set.h
struct CompiledTable;

// One line (or one already complete message with embedded line breaks) as it came out of its envelope.
// Views are valid until feed() returns.
struct Line {
  std::string_view text;
  SourceRef ref;
  Timestamp received = kUntimed;  // when the shipper or broker saw it
  std::string_view host;          // who wrote it, as the envelope says
  std::string_view peer;          // the client's public address, as the envelope of a client log claims
  std::string_view group;         // the profile's group, as the envelope of a client log says
  std::string_view user;
  std::string_view program;  // syslog tag, when an envelope already cut it off
  std::uint64_t session = 0;  // the daemon's own number of the negotiation, where it has a field of its own; 0 = none
  bool complete = false;     // the envelope holds whole messages: no continuation lines follow in other records
  bool plain = false;        // the text is known to be printable ASCII
  std::uint8_t peeled = 0;   // how often what others had put in front was taken off; what is left is read again
};

// Receives what a Reader makes of its lines. `lines` = how many physical lines the message took; every line
// fed is reported exactly once, or is still held (Reader::held_lines).
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void on_event(const Event& event, std::uint32_t lines) = 0;
  // A line of a known dialect that says no fact (unknown message, noise, a row without facts). The event still
  // carries device, time and detail: the correlator learns from it that the feed is alive.
  virtual void on_ignored(const Event& event, std::uint32_t lines) = 0;
  virtual void on_reject(Reject reason, Dialect dialect, std::string_view text, SourceRef ref, std::uint32_t lines) = 0;
};

// Turns the lines of one source into messages: recognises the dialect per line, joins continuation lines,
// matches rows. One Reader per source, one thread. Memory is bounded by kMessageBytesMax.
class Reader {
 public:
  Reader();                                // the built-in tables
  explicit Reader(const DialectSet& set);  // `set` must outlive the reader
  explicit Reader(const DialectSet* set);  // the same; null = the built-in tables
  Reader(Reader&&) noexcept = default;
  Reader& operator=(Reader&&) noexcept = default;
  // Fixes the side for dialects that can be either; without it the reader learns it from decisive lines.
  void set_vantage(Vantage vantage);
  // Of stamps that print none. With `end` it is only presumed: they are of the last year before `end`, or of the one that the envelope shows.
  void set_year(int year, Timestamp end = kUntimed);
  void feed(const Line& line, MessageSink& sink);
  void flush(MessageSink& sink);  // end of the source: what is held is complete
  std::uint32_t held_lines() const { return held_lines_; }
  Dialect dialect() const { return state_.dialect; }
  // Whether the side is known, by set_vantage() or a decisive line, and which.
  bool vantage_known() const { return state_.vantage_known; }
  Vantage vantage() const { return state_.vantage; }

 private:
  enum class Piece : std::uint8_t { event, nothing, waits, unmatched };

  bool take_headed(int index, const Line& line, std::string_view text, Event& event, MessageSink& sink);
  bool take_tagged(const Line& line, std::string_view text, std::string_view tag, Event& event, MessageSink& sink);
  bool take_relayed(const Line& line, std::string_view text, MessageSink& sink);
  void take_message(HeaderResult result, int index, const Line& line, std::string_view text, std::string_view message, Event& event,
                    MessageSink& sink);
  void take_headerless(const Line& line, std::string_view text, Event& base, MessageSink& sink);
  bool hold_line(std::string_view text);
  void hold_first(const Line& line, std::string_view text, const Event& event, std::string_view message, int table);
  void close_held(MessageSink& sink);
  void close_message(MessageSink& sink);
  void close_wrapped(MessageSink& sink);
  void feed_again(std::uint32_t first, MessageSink& sink);
  void resolve_fragments(bool at_end, MessageSink& sink);
  void drop_fragments(std::uint32_t count, bool report, MessageSink& sink);
  Piece read_fragment(std::string_view text, std::uint32_t lines, const Event& base, bool complete, MessageSink& sink);
  bool emit_match(int table, Event& event, std::string_view message, std::uint32_t lines, MessageSink& sink);
  void emit_unmatched(Event& event, Dialect dialect, std::uint32_t lines, MessageSink& sink);
  void emit(Event& event, std::uint32_t lines, MessageSink& sink);
  void emit_ignored(const CompiledTable& table, Event& event, std::uint32_t lines, MessageSink& sink);
  void remember(int table);
  void reserve_held(std::size_t more);
  void clear_held();

  const DialectSet* set_;
  SourceState state_;
  // What is held: a message with a header (held_table_ >= 0) or fragments without one. The event's views point
  // into held_ and held_envelope_, which live on the heap, so that a Reader may be moved.
  std::string held_;
  std::string held_envelope_;
  Event held_event_;
  int held_table_ = -1;
  std::array<int, 3> recent_ = {-1, -1, -1};  // tables whose headers were read last, the newest first
  std::size_t held_message_ = 0;  // where the text behind the header begins
  std::array<std::uint32_t, 64> held_ends_{};  // end of each held line in held_
  std::array<std::size_t, 4> held_field_sizes_{};  // of the envelope's fields in held_envelope_
  std::uint32_t held_lines_ = 0;
};

}  // namespace vpnverdict::dialect
