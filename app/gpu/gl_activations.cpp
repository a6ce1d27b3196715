/// Computes statistics and reads exact values.
#include "app/gpu/gl_activations.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "app/gpu/grid_gl.h"
#include "engine/cpu/cpu_backend.h"

namespace convlens {
namespace {

constexpr int chunk_values = 1 << 16;  ///< Values per workgroup: CHUNK of stats.comp.
constexpr int group_threads = 256;
/// Up to this number of values per channel, one thread processes a whole channel.
constexpr std::size_t small_plane = 64;

/// Statistics of one chunk of a channel, with the layout of stats.comp.
struct Partial {
    float min, max, sum, sum_abs;
};

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

/// Returns the statistics of a channel of `plane` values from those of its chunks.
ChannelStats joined(std::span<const Partial> parts, std::size_t plane) {
    ChannelStats stats{parts[0].min, parts[0].max, 0, 0};
    double sum = 0, sum_abs = 0;
    for (const Partial& p : parts) {
        stats.min = std::isnan(p.min) || p.min < stats.min ? p.min : stats.min;  // NaN has precedence
        stats.max = std::max(stats.max, p.max);
        sum += static_cast<double>(p.sum);
        sum_abs += static_cast<double>(p.sum_abs);
    }
    stats.mean = static_cast<float>(sum / static_cast<double>(plane));
    stats.mean_abs = static_cast<float>(sum_abs / static_cast<double>(plane));
    return stats;
}

/// Returns what stats_gl() returns, computed on the CPU: for planes that are too large to bind.
Expected<std::vector<ChannelStats>> stats_on_cpu(GlDevice& device, const GlValues& values, const Cancel& cancel) {
    const auto same = on_cpu(device, {"same", Dropout{}}, values, cancel);
    if (!same) return tl::unexpected(same.error());
    std::vector<ChannelStats> all;
    for (int n = 0; n < values.shape.n; ++n) {
        const auto stats = (*same)->stats(n);
        all.insert(all.end(), stats.begin(), stats.end());
    }
    return all;
}

}  // namespace

Expected<std::vector<ChannelStats>> stats_gl(GlDevice& device, const GlValues& values, const Cancel& cancel) {
    const std::size_t plane = values.shape.plane(), channels = to_size(values.shape.n) * to_size(values.shape.c);
    if (plane > device.max_block()) return stats_on_cpu(device, values, cancel);
    const bool small = plane <= small_plane;
    const std::size_t chunks = small ? 1 : (plane + chunk_values - 1) / chunk_values;
    const auto program =
        device.program("stats.comp", {{"SMALL", small ? "1" : "0"}, {"CHUNK", std::to_string(chunk_values)}});
    if (!program) return tl::unexpected(program.error());
    const auto partial = device.memory(channels * chunks * 4, "the statistics");
    if (!partial) return tl::unexpected(partial.error());
    Pacer pacer(device, cancel, static_cast<double>(values.shape.count()));
    const std::size_t max_groups = to_size(device.max_groups());
    const std::size_t by_time = static_cast<std::size_t>(std::max(1.0, pacer.slice() / static_cast<double>(plane)));
    const std::size_t step = std::min(
        {device.max_block() / std::max(plane, chunks * 4), by_time, small ? max_groups * group_threads : max_groups});
    for (std::size_t c = 0; c < channels; c += step) {
        const std::size_t count = std::min(step, channels - c);
        (*program)->use({{"values_base", device.bind(0, *values.memory, c * plane, count * plane)},
                         {"partial_base", device.bind(1, **partial, c * chunks * 4, count * chunks * 4) / 4},
                         {"plane", static_cast<int>(plane)},
                         {"chunks", static_cast<int>(chunks)},
                         {"channels", static_cast<int>(count)}});
        const int groups = static_cast<int>(count);
        if (small)
            device.dispatch((groups + group_threads - 1) / group_threads, 1, 1);
        else
            device.dispatch(static_cast<int>(chunks), groups, 1);
        if (auto ok = pacer.did(static_cast<double>(count * plane)); !ok) return tl::unexpected(ok.error());
    }
    std::vector<Partial> parts(channels * chunks);
    if (auto ok = device.read(**partial, 0, parts.size() * sizeof(Partial), parts.data()); !ok)
        return tl::unexpected(ok.error());
    std::vector<ChannelStats> stats;
    stats.reserve(channels);
    for (std::size_t c = 0; c < channels; ++c)
        stats.push_back(joined(std::span(parts).subspan(c * chunks, chunks), plane));
    return stats;
}

Expected<Tensor> read_all(GlDevice& device, const GlValues& values) {
    Tensor all(values.shape);
    if (auto ok = device.read(*values.memory, 0, all.size() * sizeof(float), all.data()); !ok)
        return tl::unexpected(ok.error());
    return all;
}

Expected<std::shared_ptr<const Activations>> on_cpu(GlDevice& device, const Layer& layer, const GlValues& values,
                                                    const Cancel& cancel) {
    const auto cpu = make_cpu_backend({});
    if (!cpu) return tl::unexpected(cpu.error());
    auto all = read_all(device, values);
    if (!all) return tl::unexpected(all.error());
    return (*cpu)->forward(Network{{layer}}, std::make_shared<const Tensor>(std::move(*all)), 0, cancel);
}

std::span<const ChannelStats> GlActivations::stats(int item) const {
    assert(item >= 0 && item < shape().n);
    return std::span(stats_).subspan(to_size(item) * to_size(shape().c), to_size(shape().c));
}

Expected<Image> GlActivations::render_grid(const DisplayOptions& display, const Cancel& cancel, Image&& memory) const {
    if (display.item < 0 || display.item >= shape().n)
        return fail("item {} does not exist: the batch has items 0 to {}", display.item, shape().n - 1);
    device_->make_current();
    return render_grid_gl(*device_, values_, stats(display.item), display, cancel, std::move(memory));
}

Expected<Tensor> GlActivations::read(int item, ChannelRange channels, Rect area) const {
    GlDevice& device = *device_;
    device.make_current();
    const Shape s = shape();
    Tensor part({1, channels.count, area.h, area.w});
    if (part.size() == 0) return part;
    const std::size_t first = (to_size(item) * to_size(s.c) + to_size(channels.first)) * s.plane(), wide = to_size(s.w);
    if (area == Rect{0, 0, s.w, s.h}) {
        if (auto ok = device.read(*values_.memory, first, part.size() * sizeof(float), part.data()); !ok)
            return tl::unexpected(ok.error());
        return part;
    }
    const std::size_t of_channel = part.shape().plane();
    if (s.plane() > device.max_block()) {
        for (int c = 0; c < channels.count; ++c)
            for (int y = 0; y < area.h; ++y) {
                const std::size_t row = first + to_size(c) * s.plane() + to_size(area.y + y) * wide + to_size(area.x);
                if (auto ok = device.read(*values_.memory, row, to_size(area.w) * sizeof(float), &part.at(0, c, y, 0));
                    !ok)
                    return tl::unexpected(ok.error());
            }
        return part;
    }
    const auto program = device.program("gather.comp", {});
    if (!program) return tl::unexpected(program.error());
    const auto memory = device.memory(part.size(), "the values to read");
    if (!memory) return tl::unexpected(memory.error());
    const int step = static_cast<int>(
        std::min({device.max_block() / s.plane(), to_size(channels.count),
                  std::max<std::size_t>(1, to_size(device.max_groups()) * group_threads / of_channel)}));
    for (int c = 0; c < channels.count; c += step) {
        const int count = std::min(step, channels.count - c), values = count * static_cast<int>(of_channel);
        (*program)->use({{"values_base",
                          device.bind(0, *values_.memory, first + to_size(c) * s.plane(), to_size(count) * s.plane())},
                         {"area_base", device.bind(1, **memory, to_size(c) * of_channel, to_size(values))},
                         {"map_h", s.h},
                         {"map_w", s.w},
                         {"area_x", area.x},
                         {"area_y", area.y},
                         {"area_w", area.w},
                         {"area_h", area.h},
                         {"count", values}});
        device.dispatch((values + group_threads - 1) / group_threads, 1, 1);
    }
    if (auto ok = device.read(**memory, 0, part.size() * sizeof(float), part.data()); !ok)
        return tl::unexpected(ok.error());
    return part;
}

}  // namespace convlens
