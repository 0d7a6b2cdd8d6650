// From verdicts to incidents: many people who fail for one reason make one card. A value: no clock, no I/O, no thread. The
// same signs give the same cards, in whatever order and portions they come, as long as none is late. One for a whole fleet;
// it belongs to one thread.
//
// It counts distinct clients, never lines or presses, and asks of every place that failures could share (concentrator,
// site, group, AAA server, pool, network, cause) whether more of its clients fail than its own past and the rest of the
// fleet explain. The place that explains best gets the card; other places that show the same failures are its echoes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "correlator/incident_windows.h"
#include "correlator/inventory.h"
#include "correlator/ring.h"
#include "correlator/sign.h"
#include "correlator/verdict.h"

namespace vpnverdict {

enum class IncidentKind : std::uint8_t {
  failures,       // people cannot connect
  sessions_lost,  // sessions of many end at once
  silence,        // nobody's attempt arrives where some are due
  silent_feed,    // attempts go on, their log does not arrive
  security,       // scans and password spraying: no user is affected
  account,        // one account is tried from many places
};
inline constexpr std::string_view kIncidentKindNames[] = {"failures", "sessions_lost", "silence", "silent_feed", "security", "account"};
constexpr std::string_view name_of(IncidentKind kind) { return kIncidentKindNames[static_cast<std::size_t>(kind)]; }
inline constexpr std::size_t kIncidentKindCount = std::size(kIncidentKindNames);

// What the failures have in common.
enum class Dimension : std::uint8_t {
  fleet,                  // nothing but the time
  cause,                  // the cause alone, all over the fleet
  concentrator,
  site,                   // all concentrators of a cluster
  group,
  group_on_concentrator,  // the group works elsewhere, and the concentrator for others
  aaa_server,
  pool,
  network,                // clients of one /24 or one /16
  user,
  sources,                // of a scan
};
inline constexpr std::string_view kDimensionNames[] = {"fleet",      "cause", "concentrator", "site", "group", "group_on_concentrator",
                                                       "aaa_server", "pool",  "network",      "user", "sources"};
constexpr std::string_view name_of(Dimension dimension) { return kDimensionNames[static_cast<std::size_t>(dimension)]; }

struct IncidentSample {
  std::uint64_t verdict = 0;
  std::string text;  // its last line of evidence
  template <class Archive>
  void archive(Archive& ar) {
    ar(verdict, text);
  }
};

// The card. Each record of one id carries the next revision and replaces the one before.
struct Incident {
  std::uint64_t id = 0;
  std::uint32_t revision = 0;
  bool open = true;
  IncidentKind kind = IncidentKind::failures;
  Dimension dimension = Dimension::fleet;
  std::string value;            // of the dimension: a name, an address, a cause
  Cause cause = Cause::undetermined;  // the most frequent one …
  bool mixed = false;                 // … of several
  int step = 0;                       // of the cause; 0 when mixed or none
  Actor actor = Actor::nobody;
  Grade grade = Grade::guess;
  Timestamp onset = kUntimed;        // when the first affected client failed
  Timestamp detected_at = kUntimed;  // stream time
  Timestamp told_at = kUntimed;      // of this record
  Timestamp closed_at = kUntimed;    // kUntimed while open
  std::string sentence;  // who cannot connect, since when, where it stops, what to do, who does it
  std::string reading;   // why the place was blamed and what the pattern usually is
  std::string next_check;  // what would raise the grade; empty when certain
  std::uint64_t affected = 0;  // distinct clients since the onset, at least
  std::uint64_t active = 0;    // distinct clients of the place since the onset, at most in the last half hour; affected ones included
  std::array<std::uint32_t, 9> steps_before{};  // failures of the place by step, in the half hour before the onset …
  std::array<std::uint32_t, 9> steps_after{};   // … and since, as far as half an hour reaches
  std::vector<std::string> counter_evidence;    // what works beside it
  std::vector<IncidentSample> samples;          // at most kIncidentSamplesMax
  std::vector<std::string> changes;             // what changed near the onset
  std::vector<std::string> echoes;              // other places that show the same failures
  std::string closed_why;
  template <class Archive>
  void archive(Archive& ar) {
    ar(id, revision, open, kind, dimension, value, cause, mixed, step, actor, grade, onset, detected_at, told_at, closed_at, sentence,
       reading, next_check, affected, active);
    for (auto* steps : {&steps_before, &steps_after})
      for (std::uint32_t& n : *steps) ar(n);
    ar(counter_evidence, samples, changes, echoes, closed_why);
  }
};

struct IncidentCounts {
  std::uint64_t taken = 0;      // attempts and ended sessions counted, by the first sign of each
  std::uint64_t amended = 0;    // … and put right by a revision
  std::uint64_t stale = 0;      // told long after they happened: no sign of what happens now
  std::uint64_t late = 0;       // came when later ones had been read: taken as if it were of then
  std::uint64_t dropped = 0;    // a bound was hit
  std::uint64_t opened = 0;
  std::uint64_t closed = 0;
  std::uint64_t tracked = 0;    // clients' attempts in the window now
};

class IncidentTracker {
 public:
  // `inventory` must outlive the tracker.
  explicit IncidentTracker(const Inventory* inventory) : inventory_(inventory) {}

  // It waits until advance_to() reaches its time.
  void take(Sign&& sign);
  // Every sign up to this stream time has been taken in. New and changed cards are appended. The question is asked at full
  // half minutes, each of them, so that it makes no difference how often this is called.
  void advance_to(Timestamp now, std::vector<Incident>& out);
  // The end of the input, where there is one: what was taken in since the last full half minute is asked about at the next.
  void finish(std::vector<Incident>& out);

  const IncidentCounts& counts() const { return counts_; }
  // The open ones as they were told last; valid until the next call.
  std::vector<const Incident*> open_cards() const;

  // The whole state as bytes. restore() of damaged ones is false, and the tracker then worth nothing.
  std::string save() const;
  bool restore(std::string_view bytes);
  // What save() writes of each thing, as types in their order.
  static std::string state_shape();

  template <class Archive>
  void archive(Archive& ar) {
    std::vector<Sign> waiting;
    for (const Waiting& each : waiting_) waiting.push_back(*each.sign);
    std::sort(waiting.begin(), waiting.end());
    incident_parts::Windows::Past past = windows_.past();
    ar(counts_.taken, counts_.amended, counts_.stale, counts_.late, counts_.dropped, counts_.opened, counts_.closed, counts_.tracked, waiting, entries_, first_number_,
       fleet_remembered_, began_, scans_, volumes_, pool_of_, said_, said_lately_, changes_, open_, closed_, asked_, read_until_, last_hour_, scan_past_,
       scan_hours_, past);
    if constexpr (requires { ar.ok(); }) {
      waiting_.clear();
      for (Sign& sign : waiting) waiting_.push_back({sign.at, std::make_unique<Sign>(std::move(sign))});  // ascending, so a heap
      rebuild_index(std::move(past));
    }
  }

 private:
  static constexpr std::size_t kPlaces = incident_parts::kPlaces;
  static constexpr std::size_t kWindows = incident_parts::kWindows;
  using Cell = incident_parts::Cell;

  struct Waiting {
    Timestamp at = 0;  // of the sign: here, so that most comparisons need not look it up
    std::unique_ptr<Sign> sign;
    bool operator<(const Waiting& other) const { return at != other.at ? at < other.at : *sign < *other.sign; }
  };
  // One attempt or one ended session of the last two hours.
  struct Entry {
    Entry() = default;
    explicit Entry(std::unique_ptr<Sign> of) : sign(std::move(of)) {}
    // What every question reads stands together; there are thousands of entries, and they are asked twice a minute.
    Timestamp at = 0;  // told
    std::uint64_t client = 0;
    std::array<std::uint64_t, kPlaces> places{};  // hash of each place it belongs to, 0 = unknown
    Cause cause = Cause::undetermined;
    Grade grade = Grade::guess;
    bool session = false;
    bool failed = false;
    bool logged = false;      // the concentrator's log tells of it
    bool repeated = false;    // its client was counted in this window before …
    bool superseded = false;  // … and is counted again by a later one
    bool set_aside = false;   // belongs to a security card or to an incident that is over
    bool fresh = true;        // nobody has asked about it yet
    std::uint32_t revision = 0;  // of its record
    std::uint64_t incident = 0;
    Timestamp occurred = 0;  // by the device's clock
    std::uint64_t verdict = 0;
    std::uint64_t person = 0;  // hash of the user name, 0 when none is known
    std::unique_ptr<Sign> sign;  // that it was made of: its names and text
    // Of an attempt that is told without its end nobody knows whether the place works.
    bool worked() const { return !failed && cause != Cause::undetermined; }
    template <class Archive>
    void archive(Archive& ar) {
      if (!sign) sign = std::make_unique<Sign>();
      ar(at, occurred, verdict, client, person);
      for (std::uint64_t& place : places) ar(place);
      ar(sign->concentrator, sign->group, sign->server, sign->pool, sign->peer, sign->text, cause, grade, session, failed, logged, repeated, superseded, set_aside, fresh, revision, incident);
    }
  };
  struct Scan {
    Timestamp at = 0;
    std::string peer, group, concentrator;
    std::uint64_t verdict = 0;
    template <class Archive>
    void archive(Archive& ar) {
      ar(at, peer, group, concentrator, verdict);
    }
  };
  using Hours = std::array<std::size_t, 3>;  // of the day: this one and those beside it
  // How often one log, or all of them, tell of something. Counted in what all tell, the hours of the day cancel out, but for
  // whoever sleeps while others work.
  struct Voice {
    double past = 0;                   // decayed …
    std::array<double, 24> by_hour{};  // … and by the hour of the day, but for
    double this_hour = 0;
    double gap = 0;                    // between two, of late: whoever goes home for the night falls silent by and by
    double heard = 0;                  // the fleet's count when one happened last
    Timestamp lag = kUntimed;          // from when one happens to when it is told, by this device's clock
    void tell(double fleet, bool again);
    Timestamp moment(const Entry& entry);
    void add(const Voice& other, const Hours& hours);
    void end_hour(std::size_t hour, double factor);
    double due(const Voice& fleet, double others, const Hours& hours) const;  // how many it would have told of meanwhile
    template <class Archive>
    void archive(Archive& ar) {
      ar(past, this_hour, gap, heard, lag);
      for (double& each : by_hour) ar(each);
    }
  };
  struct Volume {
    Voice attempts;
    Voice ends;                      // half minutes in which sessions ended: however many a reboot ends at once
    double attempts_heard = 0;       // the fleet's counts when anything happened there last
    double ends_heard = 0;
    Timestamp last = kUntimed;       // when an attempt happened last
    Timestamp ended = kUntimed;      // half minute that was counted last
    std::string server;              // that it asked last
    template <class Archive>
    void archive(Archive& ar) {
      ar(attempts, ends, attempts_heard, ends_heard, last, ended, server);
    }
  };
  struct Said {
    Timestamp at = 0;  // a full half minute
    double attempts = 0, ends = 0;
    template <class Archive>
    void archive(Archive& ar) {
      ar(at, attempts, ends);
    }
  };
  struct Change {
    Timestamp at = 0;
    std::string concentrator, text;
    template <class Archive>
    void archive(Archive& ar) {
      ar(at, concentrator, text);
    }
  };
  using CellTally = incident_parts::Windows::CellTally;
  // Shares of clients that fail in a cell's way, by the past.
  struct Usual {
    double fleet = 0, own = 0;
  };
  // A cell in which more fail than is usual.
  struct Candidate {
    Cell cell;
    std::uint32_t clients = 0;  // that fail, in the whole window
    double score = 0;
    double expected = 0;  // share that is no surprise …
    double share = 0;     // … and the one that was found, in the window that decided
  };
  struct Watched {
    Incident card;
    Cell cell;
    std::vector<std::uint64_t> clients;  // sorted, at most kIncidentClientsMax
    std::vector<std::uint64_t> echo_keys;
    double score = 0;  // the best one of its cell
    Timestamp last_bad = kUntimed;
    Timestamp worked = kUntimed;  // last success of the place
    std::uint64_t told_affected = 0;
    bool changed = false;
    std::vector<std::uint64_t> members;  // numbers of its failures, as far as these are still its; what a restored one finds in the entries
    template <class Archive>
    void archive(Archive& ar) {
      ar(card, cell, clients, echo_keys, score, last_bad, worked, told_affected, changed);
    }
  };

  struct Site {
    std::string name;          // of the concentrator: hashes can be made up
    std::string_view cluster;  // in the inventory; empty: unknown
    bool several = false;      // concentrators
    std::uint64_t name_hash = 0, scope_hash = 0;  // of its name; of whose pools are its own: the cluster, or itself where none is known
    std::array<std::uint64_t, 2> box_keys{}, site_keys{};  // of an attempt and of a session there
    Volume* volume = nullptr;  // in volumes_; null: not looked for, or none
  };
  Site& site_of(std::string_view concentrator);
  static std::uint64_t pool_key(std::uint64_t group, const Site& site);
  Volume* volume_of(Site& site);
  void forget_sites() { sites_.clear(), other_site_ = {}; }  // their volumes may be gone
  void read(std::unique_ptr<Sign> sign);
  void read_until(Timestamp time);
  void hear(const Entry& entry, Site& site);
  Said said_at(Timestamp moment) const;
  void note_said(Timestamp now);
  void note_boot(const Sign& sign);
  void ask(Timestamp now, std::vector<Incident>& out);
  bool idle() const;
  Entry entry_of(std::unique_ptr<Sign> sign, Timestamp at, Site& its_site);
  void put(Entry&& entry, Site& its_site);
  std::uint64_t client_by_either_side(const Entry& entry) const;
  void amend(std::uint64_t number, Entry&& entry);
  void set_aside(std::uint64_t number);
  bool index(Entry& entry, std::uint64_t number);
  void unindex(const Entry& entry, std::uint64_t number);
  static incident_parts::Windows::Keys keys_of(const Entry& entry);
  static bool stands(const Entry& entry) { return !entry.superseded && !entry.set_aside && (entry.failed || entry.worked()); }
  Entry& at(std::uint64_t number) { return entries_[number - first_number_]; }
  const Entry& at(std::uint64_t number) const { return entries_[number - first_number_]; }
  std::size_t first_after(Timestamp since) const;
  void expire_entries(Timestamp until);
  void forget_scan();
  void expire(Timestamp now);
  void remember(std::uint64_t number, bool in_fleet);
  void decay(Timestamp now);
  void rebuild_index(incident_parts::Windows::Past past);
  static bool matches(const Entry& entry, const Cell& cell);
  static Cell cell_of(const Entry& entry, std::size_t kind, std::size_t level);

  void find_security(Timestamp now);
  void find_sprays(Timestamp now);
  void find_accounts(Timestamp now);
  void find_scans(Timestamp now);
  void count_refusal(const Entry& entry, int by);
  void find_failures(Timestamp now);
  bool is_member(std::uint64_t number, const Watched& watched) const { return number >= first_number_ && at(number).incident == watched.card.id; }
  static bool belongs(const Entry& entry, const Watched& watched);
  void set_aside_what_is_over();
  void find_silence(Timestamp now);
  std::size_t witnesses(std::string_view name, Timestamp silent) const;
  std::uint64_t told_by_clients(std::string_view name, Timestamp since) const;
  void keep_what_is_explained();
  std::vector<Candidate> candidates(Timestamp now);
  bool is_more_than_one_box(const CellTally& tally, std::size_t window, double share) const;
  Candidate score(Timestamp now, const CellTally& tally, std::size_t shortest) const;
  Usual usual_of(const CellTally& tally) const;
  double expected_share(const CellTally& tally, const Usual& usual, std::size_t window, std::uint32_t unnamed) const;
  std::uint32_t unnamed(const Cell& cell, std::size_t window) const;
  double missed_ratio(const CellTally& tally, std::size_t window) const;
  bool others_get_through(const CellTally& tally, std::size_t window) const;
  double unnamed_ratio(const CellTally& tally, std::size_t window, std::uint32_t clients) const;
  Timestamp onset_of(const Candidate& candidate) const;
  void explain(const Candidate& best, const std::vector<Candidate>& all, Timestamp now);
  Watched* relative_of(const std::vector<std::uint64_t>& members, const Candidate& best);
  Watched& open_for(const Cell& cell, IncidentKind kind, Cause cause, Timestamp now, std::uint64_t seed);
  Watched* open_with(std::uint64_t key);
  const Watched* open_with_place(std::uint64_t place, std::uint64_t but) const;
  void add_clients(Watched& watched, const std::vector<std::uint64_t>& members);
  void describe(Watched& watched, Timestamp now);
  void close(Watched& watched, std::string_view why, Timestamp now);
  void settle(Timestamp now);
  void tell(Timestamp now, std::vector<Incident>& out);
  std::vector<std::size_t> members_of(const Cell& cell) const;

  const Inventory* inventory_;
  IncidentCounts counts_;
  std::vector<Waiting> waiting_;    // of times that were not reached yet: a heap, the earliest in front
  Ring<Entry> entries_;             // the last two hours, oldest first
  std::uint64_t first_number_ = 0;  // of entries_.front()
  std::uint64_t fleet_remembered_ = 0;  // up to this one
  Timestamp began_ = kUntimed;      // with the first of all entries
  std::deque<Scan> scans_;
  std::map<std::string, Volume> volumes_;  // by concentrator
  std::map<std::uint64_t, std::string> pool_of_;  // by group and site: the pool that was named last
  Said said_;                              // attempts that any concentrator's log told of, ever, and half minutes of one log in which sessions ended
  std::deque<Said> said_lately_;           // as it was at each of the last half minutes
  std::deque<Change> changes_;
  std::vector<Watched> open_;
  std::deque<Watched> closed_;             // the last ones: a relapse goes on with the old card
  Timestamp asked_ = kUntimed;       // the last full half minute
  Timestamp read_until_ = kUntimed;  // an earlier sign is late
  Timestamp last_hour_ = kUntimed;
  double scan_past_ = 0;
  double scan_hours_ = 0;
  absl::flat_hash_map<std::uint64_t, std::uint64_t> by_verdict_;    // number of the entry
  absl::flat_hash_map<std::uint64_t, std::uint64_t> latest_;        // number of a client's last entry with one result
  std::map<std::string, std::uint32_t> scanners_;                   // scans in the window by source
  std::deque<std::uint64_t> failing_;                               // numbers of the failed ones, in order
  std::deque<std::uint64_t> fresh_;                                 // … of those that nobody has asked about yet
  incident_parts::Windows windows_;                                      // who is active where, and who fails
  std::vector<std::uint64_t> explained_;                            // failures that the last question took away, since a card explains them
  absl::flat_hash_map<std::uint64_t, std::uint32_t> refused_;       // refusals in the window by person
  Site other_site_;                                                 // of whom another's hash is known
  absl::flat_hash_map<std::uint64_t, Site> sites_;                  // by hash of the name: what the inventory says, remembered; at most kIncidentVolumesMax
};

}  // namespace vpnverdict
