// A month of one concentrator whose log is not perfect: lines are lost, an hour of it is missing, the device boots with and
// without a word, sessions end unseen. The world below knows who holds which address and why somebody gets none; the book
// reads the lines that arrived. Compared are the number in use, the capacity and every verdict on a refusal. Where no address
// is named a missed end cannot be told from a long session; there the measure is what somebody could say who reads the same
// lines and knows how long sessions last and how often an end is missed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "correlator/pool_book.h"
#include "correlator/rules.h"

namespace vpnverdict {
namespace {

using enum Fact;

constexpr Timestamp kSecond = 1'000;
constexpr Timestamp kMinute = 60 * kSecond;
constexpr Timestamp kHour = 60 * kMinute;
constexpr Timestamp kDay = 24 * kHour;
constexpr Timestamp kBegin = 1'199'664'000'000 + 2 * kDay;  // a Wednesday, 00:00
constexpr int kDays = 30;

enum class Style {
  names_pool,  // address and pool when given and when returned, and the session's end besides (ASA)
  accounting,  // the address when given, of the end only the user (VPN 3000 with accounting)
  bare,        // neither pool nor address: a session begins and ends (VPN 3000 as it is delivered)
};
enum class Order { lowest, oldest, newest };     // which free address is given next
enum class Setup { right, never, until_changed, until_peak };  // the pool is configured; was never; until one day; until most are in use

struct Shape {
  std::string_view name;
  Style style = Style::names_pool;
  int capacity = 0;
  int users = 0;
  double per_day = 1.5;        // connections wished per user and working day
  double hours = 4;            // a session's usual length
  Order order = Order::lowest;
  int groups = 1;
  Setup setup = Setup::right;
  Timestamp kept_back = 0;     // a released address is not given again for so long
  double external = 0;         // share of users whose address comes from AAA
  bool device_says_refused = false;  // the line names the pool as the one that gave none
  int cuts = 0;                // days on which a site's network fails and comes back
  double lost = 0.01;          // share of lines that never arrive
};

struct Outcome {
  std::vector<double> errors;  // |in use as the book has it - truth| / capacity, every five minutes
  std::vector<int> addresses;  // the same in addresses
  std::vector<int> best;       // and how far the best guess from the same lines is off
  std::uint64_t refusals = 0;
  std::uint64_t refused_when_full = 0;
  std::uint64_t exhausted_certain = 0;
  std::uint64_t exhausted_probable = 0;
  std::uint64_t wrongly_certain = 0;
  std::string wrong;           // the first of them
  int capacity_off = -1;       // the largest distance of an inferred capacity from the truth, from the third day with a plateau
  int capacity_at_end = 0;     // 0: none inferred
  double p95() const { return at(errors, 0.95); }
  int addresses95() const { return at(addresses, 0.95); }
  int best95() const { return at(best, 0.95); }
  double mean() const {
    double sum = 0;
    for (const double error : errors) sum += error;
    return sum / static_cast<double>(errors.size());
  }

 private:
  template <class T>
  static T at(std::vector<T> values, double share) {
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * share);
    std::nth_element(values.begin(), place, values.end());
    return *place;
  }
};

class Month {
 public:
  Month(const Shape& shape, std::uint64_t seed) : shape_(shape), dice_(seed), users_(static_cast<std::size_t>(shape.users)) {
    for (int i = 0; i < shape.capacity; ++i) put_back(i);
    for (int i = 0; i < 20'000; ++i) lengths_.push_back(length());
    std::ranges::sort(lengths_);
  }

  Outcome run() {
    plan();
    while (!due_.empty()) {
      const Due due = due_.top();
      due_.pop();
      now_ = due.time;
      if (now_ >= kBegin + kDays * kDay) break;
      book_.settle(now_);
      switch (due.what) {
        case What::wish: wish(due.who, 0); break;
        case What::retry: wish(due.who, due.times); break;
        case What::leave: leave(due.who); break;
        case What::given_up: free(due.who, true); break;
        case What::rekey: rekey(due.who); break;
        case What::usable: put_back(static_cast<int>(due.who)); break;
        case What::boot: boot(due.times != 0); break;
        case What::cut: cut(); break;
        case What::look: look(); break;
      }
    }
    return out_;
  }

 private:
  enum class What { wish, retry, leave, given_up, rekey, usable, boot, cut, look };
  struct Due {
    Timestamp time;
    std::uint64_t order;
    What what;
    std::size_t who;
    int times;
    bool operator<(const Due& other) const { return std::pair{time, order} > std::pair{other.time, other.order}; }
  };
  struct Session {
    std::size_t user = 0;
    std::string address;
    int number = -1;             // of the pool's address; -1: from elsewhere
    std::string peer;
    Timestamp since = 0;
    bool held = true;            // in truth
    bool address_known = false;  // a line that arrived names it
    bool external_known = false;
  };
  struct User {
    std::size_t session = kNobody;
    std::string peer;
  };
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

  double share() { return std::uniform_real_distribution<double>()(dice_); }
  double bell(double mean, double spread) { return std::normal_distribution<double>(mean, spread)(dice_); }
  Timestamp within(Timestamp most) { return static_cast<Timestamp>(share() * static_cast<double>(most)); }
  void at(Timestamp time, What what, std::size_t who = 0, int times = 0) { due_.push({time, ++ordered_, what, who, times}); }

  // ---- what is going to happen -------------------------------------------------------------------------------------

  static bool is_working_day(int day) { return (day + 2) % 7 < 5; }

  void plan() {
    for (int day = 0; day < kDays; ++day) {
      const Timestamp midnight = kBegin + day * kDay;
      for (std::size_t user = 0; user < users_.size(); ++user) {
        const double wishes = is_working_day(day) ? shape_.per_day : shape_.per_day / 8;
        const int count = std::poisson_distribution<int>(wishes)(dice_);
        for (int i = 0; i < count; ++i) {
          const double hour = i == 0 ? bell(9, 1.2) : 8 + 12 * share();
          at(midnight + static_cast<Timestamp>(std::clamp(hour, 0.0, 23.9) * kHour), What::wish, user);
        }
      }
    }
    for (Timestamp time = kBegin + 1; time < kBegin + kDays * kDay; time += 5 * kMinute) at(time, What::look);
    at(kBegin + 6 * kDay + 3 * kHour + within(kHour), What::boot, 0, 1);        // at night, with its word
    at(kBegin + 13 * kDay + 11 * kHour + within(4 * kHour), What::boot, 0, 1);  // by day, with its word
    at(kBegin + 20 * kDay + 10 * kHour + within(4 * kHour), What::boot, 0, 0);  // by day, and the word is lost
    gap_ = kBegin + 7 * kDay + 8 * kHour + within(8 * kHour);
    for (int i = 0; i < shape_.cuts; ++i) at(kBegin + (2 + 5 * i) * kDay + 10 * kHour + within(5 * kHour), What::cut);
    changed_ = kBegin + 16 * kDay + 8 * kHour + within(8 * kHour);
  }

  // ---- the device --------------------------------------------------------------------------------------------------

  bool works() {
    if (shape_.setup == Setup::until_peak && now_ < changed_ && now_ > kBegin + 8 * kDay && in_use_ > most_) changed_ = now_;
    most_ = std::max(most_, in_use_);
    return shape_.setup == Setup::right || (shape_.setup != Setup::never && now_ < changed_);
  }
  bool is_external(std::size_t user) const { return static_cast<double>(user) < shape_.external * static_cast<double>(users_.size()); }

  void put_back(int number) {
    if (shape_.order == Order::newest) free_.push_front(number);
    else if (shape_.order == Order::oldest) free_.push_back(number);
    else free_.insert(std::lower_bound(free_.begin(), free_.end(), number), number);
  }

  void wish(std::size_t user, int times) {
    if (users_[user].session != kNobody) return;
    if (users_[user].peer.empty() || share() < 0.1) users_[user].peer = "p" + std::to_string(user) + "." + std::to_string(++peers_);
    if (is_external(user)) return open(user, -1);
    if (works() && !free_.empty()) {
      const int number = free_.front();
      free_.pop_front();
      return open(user, number);
    }
    refuse(user);
    if (times < 3) at(now_ + 20 * kSecond + within(kMinute), What::retry, user, times + 1);
    else if (share() < 0.5) at(now_ + 10 * kMinute + within(kHour), What::retry, user, 0);
  }

  void open(std::size_t user, int number) {
    const std::size_t id = sessions_.size();
    Session session;
    session.user = user;
    session.number = number;
    session.address = number < 0 ? "192.0.2." + std::to_string(user) : "10.9." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1);
    session.peer = users_[user].peer;
    session.since = now_;
    sessions_.push_back(session);
    users_[user].session = id;
    if (number >= 0) ++in_use_;
    if (number < 0 && arrives()) sessions_[id].external_known = true;
    if (shape_.style != Style::bare) say(id, concentrator_address_assigned, true);
    if (shape_.style != Style::names_pool) say(id, concentrator_phase2_done, false);
    say(id, concentrator_connected, false);
    at(now_ + length(), What::leave, id);
    at(now_ + 8 * kHour, What::rekey, id);
  }

  Timestamp length() {
    const double hours = share() < 0.25 ? 0.5 * share() : std::min(12.0, std::exp(bell(std::log(shape_.hours), 0.6)));
    return kMinute + static_cast<Timestamp>(hours * kHour);
  }

  void rekey(std::size_t id) {
    if (!sessions_[id].held || users_[sessions_[id].user].session != id) return;
    say(id, concentrator_phase2_done, false);
    at(now_ + 8 * kHour, What::rekey, id);
  }

  void leave(std::size_t id) {
    Session& session = sessions_[id];
    if (!session.held || users_[session.user].session != id) return;
    const double how = share();
    users_[session.user].session = kNobody;
    if (how < 0.89) return free(id, true);
    if (how < 0.90) return free(id, false);  // the device says nothing
    // It vanished. The device finds out: by its keepalives, or when nothing came for half an hour.
    at(now_ + (how < 0.96 ? 5 * kMinute : 30 * kMinute), What::given_up, id);
    if (share() < 0.3) at(now_ + 30 * kSecond + within(2 * kMinute), What::retry, session.user, 0);
  }

  void free(std::size_t id, bool told) {
    Session& session = sessions_[id];
    if (!session.held) return;
    session.held = false;
    if (session.number >= 0) {
      --in_use_;
      if (shape_.kept_back == 0) put_back(session.number);
      else at(now_ + shape_.kept_back, What::usable, static_cast<std::size_t>(session.number));
    }
    if (!told) return;
    if (shape_.style == Style::names_pool) say(id, concentrator_address_released, true);
    say(id, concentrator_disconnected, false);
  }

  void boot(bool told) {
    for (std::size_t id = 0; id < sessions_.size(); ++id) {
      if (!sessions_[id].held) continue;
      const std::size_t user = sessions_[id].user;
      const bool online = users_[user].session == id;
      if (online) users_[user].session = kNobody;
      free(id, false);
      if (online && share() < 0.8) at(now_ + 2 * kMinute + within(15 * kMinute), What::retry, user, 0);
    }
    if (!told) return;
    book_.boot("vpn1", now_);
    seen_.clear();
  }

  // The network of a site fails: its users vanish together and come back together, before the device knows.
  void cut() {
    cut_ = now_;
    for (std::size_t user = 0; user < users_.size() / 4; ++user) {
      const std::size_t id = users_[user].session;
      if (id == kNobody) continue;
      users_[user].session = kNobody;
      at(now_ + 5 * kMinute, What::given_up, id);
      at(now_ + kMinute + within(2 * kMinute), What::retry, user, 0);
    }
  }

  // ---- its log -----------------------------------------------------------------------------------------------------

  bool arrives() { return share() >= shape_.lost && (now_ < gap_ || now_ >= gap_ + kHour); }

  PoolLine line(std::size_t user, std::size_t attempt) {
    group_ = "group" + std::to_string(user % static_cast<std::size_t>(shape_.groups));
    user_ = "u" + std::to_string(user);
    PoolLine out;
    out.time = now_;
    out.device = "vpn1";
    out.group = group_;
    out.user = user_;
    out.peer = users_[user].peer;
    out.session = attempt;
    return out;
  }

  void say(std::size_t id, FactMask says, bool names_address) {
    Session& session = sessions_[id];
    if (!arrives()) return;
    // What an attempt learned is forgotten some time after it ended well.
    const bool remembered = now_ - session.since < 12 * kHour;
    if (names_address) session.address_known = true;
    note(id, says);
    PoolLine out = line(session.user, remembered ? 2 * id + 2 : 1'000'000'001 + 2 * ++strays_);
    out.says = says;
    out.peer = session.peer;
    if (names_address && shape_.style == Style::names_pool && session.number >= 0) out.pool = "POOL";
    if (names_address || (session.address_known && remembered)) out.address = session.address;
    out.external = session.external_known && (remembered || names_address);
    book_.take(inventory_, out);
  }

  void refuse(std::size_t user) {
    // Whatever is set up: none was free. And until a line says that one is, nobody can know.
    full_until_told_ = full_until_told_ || in_use_ >= shape_.capacity;
    const bool full = full_until_told_ || shape_.kept_back > 0;
    ++out_.refusals;
    if (full) ++out_.refused_when_full;
    if (!arrives()) return;
    // Right after a cut some addresses are held twice over: refused below the number that the lines tell of.
    if (in_use_ >= shape_.capacity && now_ > cut_ + kHour) plateau_days_.insert((now_ - kBegin) / kDay);
    PoolLine out = line(user, 1'000'000'000 + 2 * ++strays_);
    out.says = concentrator_address_failed;
    if (shape_.device_says_refused) out.says.insert(concentrator_address_pool_refused);
    book_.take(inventory_, out);
    Facts facts;
    facts.known_true = out.says | book_.facts(inventory_, out);
    const Rule* rule = first_firing(connect_rules(), facts);
    ASSERT_NE(nullptr, rule);
    const bool says_full = rule->cause == Cause::address_pool_exhausted;
    const bool says_unset = rule->cause != Cause::address_pool_exhausted && rule->cause != Cause::address_unavailable;
    if (says_full && rule->grade == Grade::certain) ++out_.exhausted_certain;
    if (says_full && rule->grade == Grade::probable) ++out_.exhausted_probable;
    if (rule->grade != Grade::certain || (full ? !says_unset : !says_full)) return;
    if (++out_.wrongly_certain == 1) out_.wrong = std::string(name_of(rule->cause)) + " on day " + std::to_string((now_ - kBegin) / kDay);
  }

  // ---- the best guess ----------------------------------------------------------------------------------------------

  void note(std::size_t id, FactMask says) {
    const Session& session = sessions_[id];
    if (session.number < 0) return;
    full_until_told_ = false;
    if (says.intersects(PoolBook::kReturned)) {
      seen_.erase(id);
      return;
    }
    const bool named = shape_.style != Style::bare;
    std::erase_if(seen_, [&](std::size_t old) {
      const Session& other = sessions_[old];
      return old != id && ((other.user == session.user && other.peer == session.peer) || (named && other.number == session.number));
    });
    if (session.held) seen_.insert(id);
  }

  int best_guess() const {
    const double missed = shape_.style == Style::names_pool ? 0.01 : 0.01 + shape_.lost;
    double sum = 0;
    for (const std::size_t id : seen_) {
      const auto longer = static_cast<double>(lengths_.end() - std::ranges::upper_bound(lengths_, now_ - sessions_[id].since));
      const double lasts = longer / static_cast<double>(lengths_.size());
      sum += lasts / (lasts + missed * (1 - lasts));
    }
    return static_cast<int>(std::lround(sum));
  }

  // ---- the comparison ----------------------------------------------------------------------------------------------

  void look() {
    views_.clear();
    book_.views(inventory_, views_);
    int in_use = 0;
    for (const PoolView& view : views_) in_use += static_cast<int>(view.in_use);
    const int off = std::abs(in_use - in_use_);
    out_.addresses.push_back(off);
    out_.best.push_back(std::abs(best_guess() - in_use_));
    out_.errors.push_back(off / static_cast<double>(shape_.capacity));
    out_.capacity_at_end = 0;
    for (const PoolView& view : views_) {
      if (view.source != CapacitySource::inferred) continue;
      out_.capacity_at_end = static_cast<int>(view.capacity);
      if (plateau_days_.size() < 3) continue;
      out_.capacity_off = std::max(out_.capacity_off, std::abs(static_cast<int>(view.capacity) - shape_.capacity));
    }
  }

  const Shape shape_;
  std::mt19937_64 dice_;
  std::vector<User> users_;
  std::vector<Session> sessions_;
  std::deque<int> free_;
  std::priority_queue<Due> due_;
  std::set<std::size_t> seen_;       // sessions that began and did not end, as far as the lines tell
  std::vector<Timestamp> lengths_;   // of many sessions, sorted
  std::uint64_t ordered_ = 0;
  std::uint64_t peers_ = 0;
  std::uint64_t strays_ = 0;
  Timestamp now_ = kBegin;
  Timestamp gap_ = 0;
  Timestamp cut_ = 0;
  Timestamp changed_ = 0;
  std::set<std::int64_t> plateau_days_;
  int in_use_ = 0;
  int most_ = 0;
  bool full_until_told_ = false;
  std::string group_, user_;
  Inventory inventory_;
  PoolBook book_;
  std::vector<PoolView> views_;
  Outcome out_;
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all = {
      {.name = "small, busy", .capacity = 30, .users = 60, .per_day = 2, .hours = 3},
      {.name = "small, busy, accounting", .style = Style::accounting, .capacity = 30, .users = 60, .per_day = 2, .hours = 3, .order = Order::oldest},
      {.name = "small, busy, bare", .style = Style::bare, .capacity = 30, .users = 60, .per_day = 2, .hours = 3},
      {.name = "big, calm", .capacity = 1000, .users = 800},
      {.name = "big, calm, accounting", .style = Style::accounting, .capacity = 1000, .users = 800, .order = Order::oldest},
      {.name = "big, calm, bare", .style = Style::bare, .capacity = 1000, .users = 800},
      {.name = "shared by three groups", .capacity = 250, .users = 400, .groups = 3},
      {.name = "shared, accounting", .style = Style::accounting, .capacity = 250, .users = 400, .order = Order::oldest, .groups = 3},
      {.name = "always too small", .capacity = 100, .users = 300, .order = Order::oldest},
      {.name = "always too small, bare", .style = Style::bare, .capacity = 100, .users = 300},
      {.name = "too small, keeps back", .capacity = 100, .users = 300, .order = Order::oldest, .kept_back = 5 * kMinute, .device_says_refused = true},
      {.name = "too small, a site's network fails", .style = Style::accounting, .capacity = 200, .users = 400, .order = Order::newest, .cuts = 4},
      {.name = "never set up", .capacity = 100, .users = 80, .setup = Setup::never},
      {.name = "taken away one day", .capacity = 100, .users = 80, .setup = Setup::until_changed},
      {.name = "taken away one day, bare", .style = Style::bare, .capacity = 100, .users = 80, .setup = Setup::until_changed},
      {.name = "taken away, device says so", .capacity = 100, .users = 80, .setup = Setup::until_changed, .device_says_refused = true},
      {.name = "taken away at its peak, device says so", .capacity = 100, .users = 80, .setup = Setup::until_peak, .device_says_refused = true},
      {.name = "taken away at its peak", .style = Style::accounting, .capacity = 100, .users = 80, .setup = Setup::until_peak},
      {.name = "too small, then taken away", .capacity = 100, .users = 300, .order = Order::oldest, .setup = Setup::until_changed},
      {.name = "some by AAA", .capacity = 250, .users = 500, .external = 0.4},
      {.name = "some by AAA, accounting", .style = Style::accounting, .capacity = 250, .users = 500, .order = Order::oldest, .external = 0.4},
  };
  return all;
}

class PoolMonth : public testing::TestWithParam<std::uint64_t> {};

TEST_P(PoolMonth, keeps_to_the_truth) {
  for (const Shape& shape : shapes()) {
    const Outcome out = Month(shape, GetParam()).run();
    SCOPED_TRACE(std::string(shape.name));
    char row[200];
    std::snprintf(row, sizeof row, "in use %.2f %% = %d off (best %d), mean %.2f %%; %llu refused, %llu certain, %llu probable; capacity %d off %d", 100 * out.p95(),
                  out.addresses95(), out.best95(), 100 * out.mean(), static_cast<unsigned long long>(out.refusals), static_cast<unsigned long long>(out.exhausted_certain),
                  static_cast<unsigned long long>(out.exhausted_probable), out.capacity_at_end, out.capacity_off);
    RecordProperty(std::string(shape.name), row);
    SCOPED_TRACE(row);
    const bool named = shape.style != Style::bare;
    const int allowed = std::max(1, shape.capacity / 50);  // 2 %; and nothing is between none and one
    EXPECT_LE(out.addresses95(), std::max(allowed, out.best95() + 1));
    if (named && shape.capacity >= 50) {
      EXPECT_LE(out.p95(), 0.02);
    }
    if (out.capacity_off >= 0) {
      EXPECT_LE(out.capacity_off, named ? 1 : std::max(2, shape.capacity / 20));
    }
    EXPECT_EQ(0u, out.wrongly_certain) << out.wrong;
    if (out.refused_when_full > 1000 && shape.setup == Setup::right) {
      EXPECT_GE((out.exhausted_certain + out.exhausted_probable) * 4, out.refusals * 3);
      EXPECT_NEAR(shape.capacity, out.capacity_at_end, named ? 1 : shape.capacity / 20);
    }
    if (shape.setup != Setup::right && out.refused_when_full == 0) {
      EXPECT_EQ(0, out.capacity_at_end) << "no plateau was there";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PoolMonth, testing::Values(1, 2, 3));

}  // namespace
}  // namespace vpnverdict
