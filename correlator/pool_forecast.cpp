#include "correlator/pool_forecast.h"

#include <algorithm>
#include <cmath>

namespace vpnverdict {
namespace {

constexpr std::size_t kSlotsLeast = 8;
constexpr std::size_t kSlotsMost = 24;  // six hours
constexpr std::size_t kDaysLeast = 10;

struct Point {
  double at;
  double peak;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Steps from the last point until the line through the points reaches `goal`.
std::optional<double> steps_to(const std::vector<Point>& points, double goal) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = i + 1; j < points.size(); ++j) slopes.push_back((points[j].peak - points[i].peak) / (points[j].at - points[i].at));
  const double slope = median(std::move(slopes));
  if (slope <= 0) return std::nullopt;
  std::vector<double> starts;
  for (const Point& point : points) starts.push_back(point.peak - slope * point.at);
  const double steps = (goal - median(std::move(starts))) / slope - points.back().at;
  if (steps > 2 * (points.back().at - points.front().at)) return std::nullopt;
  return std::max(0.0, steps);
}

std::optional<Timestamp> time_to(const PoolView& pool, const std::vector<Point>& points, Timestamp step) {
  if (pool.source == CapacitySource::lower_bound || pool.capacity == 0) return std::nullopt;
  const std::optional<double> steps = steps_to(points, pool.capacity);
  if (!steps) return std::nullopt;
  return static_cast<Timestamp>(std::llround(*steps * static_cast<double>(step)));
}

}  // namespace

std::optional<Timestamp> exhaustion_by_hours(const PoolView& pool) {
  if (pool.slots.size() < kSlotsLeast) return std::nullopt;
  const std::size_t used = std::min(pool.slots.size(), kSlotsMost);
  std::vector<Point> points;
  for (std::size_t i = 0; i < used; ++i) points.push_back({static_cast<double>(i), static_cast<double>(pool.slots[pool.slots.size() - used + i])});
  return time_to(pool, points, kPoolSlotMs);
}

std::optional<Timestamp> exhaustion_by_days(const PoolView& pool) {
  if (pool.days.size() < kDaysLeast) return std::nullopt;
  std::vector<Point> points;
  for (const PoolDay& day : pool.days) points.push_back({static_cast<double>(day.day - pool.days.front().day), static_cast<double>(day.peak)});
  return time_to(pool, points, kPoolDayMs);
}

}  // namespace vpnverdict
