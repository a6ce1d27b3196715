/// Choice of the algorithm for a convolution from its shape.
#include "engine/cpu/conv2d_strategy.h"

#include <algorithm>
#include <iterator>

namespace convlens {
namespace {

constexpr std::int64_t max_ends_bytes = 512 * 1024;         ///< Half of a second-level cache.
constexpr std::int64_t max_shared_bytes = 4 * 1024 * 1024;  ///< Copies up to this size stay in the caches.

bool short_rows_of_many_channels(const ConvProblem& f) {
    return f.columns < 64 && f.group_channels >= f.vector && f.taps >= 64;
}
/// Rows are read in place only for few channels: with many, the rows of the channels would often map to the same cache
/// sets, because the distance between two channels is often a multiple of a large power of two.
bool long_rows_of_few_channels(const ConvProblem& f) { return f.in_channels <= 4 && f.ends_bytes <= max_ends_bytes; }
/// With few channels, packing takes so little time that each task packs its own rows: packing all rows first would make
/// the threads wait for each other.
bool packs_all_first(const ConvProblem& f) {
    return f.window_bytes > max_shared_bytes || (f.in_channels > 4 && f.shared_bytes <= max_shared_bytes);
}

/// A condition, and the strategy to use if it is true.
struct StrategyRule {
    bool (*holds)(const ConvProblem&);
    ConvStrategy strategy;
};

/// The first rule whose condition is true determines the strategy.
constexpr StrategyRule rules[] = {
    {[](const ConvProblem& f) { return short_rows_of_many_channels(f) && packs_all_first(f); },
     {Lanes::channels, Rows::shared}},
    {[](const ConvProblem& f) { return short_rows_of_many_channels(f); }, {Lanes::channels, Rows::window}},
    {[](const ConvProblem& f) { return long_rows_of_few_channels(f); }, {Lanes::columns, Rows::in_place}},
    {[](const ConvProblem& f) { return packs_all_first(f); }, {Lanes::columns, Rows::shared}},
    {[](const ConvProblem&) { return true; }, {Lanes::columns, Rows::window}},
};

}  // namespace

ConvStrategy choose_strategy(const ConvProblem& problem) {
    const auto holds = [&](const StrategyRule& rule) { return rule.holds(problem); };
    return std::find_if(std::begin(rules), std::end(rules), holds)->strategy;
}

}  // namespace convlens
