/// Sums, products and copies of inputs, in parts that the driver can bind and that finish quickly.
#include "app/gpu/join_gl.h"

#include <algorithm>

#include "app/gpu/gl_activations.h"
#include "engine/cpu/layers_cpu.h"

namespace convlens {
namespace {

constexpr std::size_t group = 256;  ///< Threads per workgroup: local_size_x of join.comp.

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

/// Where a shader reads or writes: `floats` from `first` on.
struct Part {
    const GlBuffer& buffer;
    std::size_t first = 0;
};

/// Computes `count` values of `to` from two inputs. If `plane` is not 0, the second has one value for each `plane`
/// values of the first.
Expected<void> combine(GlDevice& device, const char* result, std::size_t count, const Part& a, const Part& b,
                       std::size_t plane, const Part& to, Pacer& pacer) {
    const auto program = device.program("join.comp", {{"RESULT(a, b)", result}});
    if (!program) return tl::unexpected(program.error());
    const std::size_t most = std::min({device.max_block(), to_size(device.max_groups()) * group,
                                       static_cast<std::size_t>(std::max(1.0, pacer.slice()))});
    for (std::size_t begin = 0; begin < count; begin += most) {
        const std::size_t here = std::min(most, count - begin), in_plane = plane > 0 ? begin % plane : 0,
                          channel = plane > 0 ? begin / plane : begin,
                          read = plane > 0 ? (in_plane + here + plane - 1) / plane : here;
        (*program)->use({{"first_base", device.bind(0, a.buffer, a.first + begin, here)},
                         {"output_base", device.bind(1, to.buffer, to.first + begin, here)},
                         {"second_base", device.bind(2, b.buffer, b.first + channel, read)},
                         {"count", static_cast<int>(here)},
                         {"plane", static_cast<int>(plane)},
                         {"first_in_plane", static_cast<int>(in_plane)}});
        device.dispatch(static_cast<int>((here + group - 1) / group), 1, 1);
        if (auto ok = pacer.did(static_cast<double>(here)); !ok) return ok;
    }
    return {};
}

bool has_one_value_per_channel(const Shape& s, const Shape& output) {
    return s.n == output.n && s.c == output.c && s.h == 1 && s.w == 1;
}

}  // namespace

bool can_join(const GlDevice& device, JoinRule rule, std::span<const Shape> inputs, const Shape& output) {
    if (rule == JoinRule::concat) return true;
    const auto fits = [&](const Shape& s) { return s == output || has_one_value_per_channel(s, output); };
    return std::ranges::find(inputs, output) != inputs.end() && std::ranges::all_of(inputs, fits) &&
           output.plane() <= device.max_block();
}

Expected<GlValues> join_gl(GlDevice& device, JoinRule rule, std::span<const GlValues> inputs, const Shape& output,
                           Pacer& pacer) {
    const auto memory = device.memory(output.count(), fmt::format("the output {}", to_string(output)));
    if (!memory) return tl::unexpected(memory.error());
    const GlBuffer& to = **memory;
    if (rule == JoinRule::concat) {
        std::size_t first = 0;
        for (int n = 0; n < output.n; ++n)
            for (const GlValues& input : inputs) {
                const Shape item{1, input.shape.c, input.shape.h, input.shape.w};
                const Part from{*input.memory, to_size(n) * item.count()};
                if (auto ok = combine(device, "a", item.count(), from, from, 0, {to, first}, pacer); !ok)
                    return tl::unexpected(ok.error());
                first += item.count();
            }
        return GlValues{*memory, output};
    }
    const char* result = rule == JoinRule::sum ? "a + b" : "a * b";
    // Begins with an input that has the shape of the output, because the order does not matter.
    std::vector<const GlValues*> order;
    for (const GlValues& input : inputs) order.push_back(&input);
    std::stable_partition(order.begin(), order.end(), [&](const GlValues* v) { return v->shape == output; });
    for (std::size_t k = 1; k < order.size(); ++k) {
        const std::size_t plane = order[k]->shape == output ? 0 : output.plane();
        const GlBuffer& before = k == 1 ? *order[0]->memory : to;
        if (auto ok = combine(device, result, output.count(), {before}, {*order[k]->memory}, plane, {to}, pacer); !ok)
            return tl::unexpected(ok.error());
    }
    return GlValues{*memory, output};
}

Expected<Tensor> join_beside(GlDevice& device, JoinRule rule, std::span<const GlValues> inputs, const Shape& output,
                             const Cancel& cancel) {
    std::vector<Tensor> values;
    for (const GlValues& input : inputs) {
        auto read = read_all(device, input);
        if (!read) return tl::unexpected(read.error());
        values.push_back(std::move(*read));
    }
    std::vector<const Tensor*> all;
    for (const Tensor& t : values) all.push_back(&t);
    Tensor result(output);
    if (!join_on_cpu(rule, all, cancel, result)) return canceled();
    return result;
}

}  // namespace convlens
