/// Combines the statistics of parts.
#include "engine/cpu/part_stats.h"

#include <algorithm>

namespace convlens {

void combine(std::span<const PartStats> parts, const std::vector<int>& channels, const Shape& output,
             std::span<ChannelStats> stats) {
    const std::size_t computed = static_cast<std::size_t>(output.n) * channels.size();
    const auto values = static_cast<double>(output.plane());
    for (std::size_t i = 0; i < computed; ++i) {
        const auto channel = static_cast<std::size_t>(channels[i % channels.size()]);
        ChannelStats& s = stats[i / channels.size() * static_cast<std::size_t>(output.c) + channel];
        const auto own = parts.subspan(i * (parts.size() / computed), parts.size() / computed);
        s = {own[0].min, own[0].max, 0.0F, 0.0F};
        double sum = 0, sum_abs = 0;
        for (const PartStats& part : own) {
            s.min = std::min(s.min, part.min);
            s.max = std::max(s.max, part.max);
            sum += static_cast<double>(part.sum);
            sum_abs += static_cast<double>(part.sum_abs);
        }
        s.mean = static_cast<float>(sum / values);
        s.mean_abs = static_cast<float>(sum_abs / values);
    }
}

}  // namespace convlens
