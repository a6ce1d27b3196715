/// Padding, and the output size of pooling layers.
#include "engine/nn/window.h"

#include <array>
#include <cassert>
#include <cstdint>

#include "engine/core/named.h"
#include "engine/core/sentence.h"
#include "engine/nn/check.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 4> mode_names{"zeros", "reflect", "replicate", "circular"};

/// Returns the output size of a pooling layer along one axis.
int pooled(int input, int kernel, int stride, int padding, int dilation, bool ceil_mode) {
    const std::int64_t room =
        std::int64_t{input} + 2 * padding - std::int64_t{dilation} * (kernel - 1) - 1 + (ceil_mode ? stride - 1 : 0);
    if (room < 0) return 0;
    std::int64_t output = room / stride + 1;
    if (ceil_mode && (output - 1) * stride >= std::int64_t{input} + padding) --output;
    return static_cast<int>(output);
}

}  // namespace

std::span<const std::string_view> padding_mode_names() { return mode_names; }

std::string_view to_string(PaddingMode mode) { return mode_names[static_cast<std::size_t>(mode)]; }

std::optional<PaddingMode> padding_mode_from(std::string_view name) { return named<PaddingMode>(mode_names, name); }

int padded_source(PaddingMode mode, int i, int size) {
    if (i >= 0 && i < size) return i;
    switch (mode) {
        case PaddingMode::zeros: return -1;
        case PaddingMode::reflect: return i < 0 ? -i : 2 * (size - 1) - i;
        case PaddingMode::replicate: return i < 0 ? 0 : size - 1;
        case PaddingMode::circular: return i < 0 ? i + size : i - size;
    }
    assert(false);
    return -1;
}

Expected<Shape> pooled_shape(const WindowShape& w, const Shape& input) {
    const Size2 kernel = w.kernel_size, stride = w.stride, dilation = w.dilation,
                padding{w.padding.top, w.padding.left};
    if (auto ok = check_pair("kernel_size", kernel, 1); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_pair("stride", stride, 1); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_pair("padding", padding, 0); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_pair("dilation", dilation, 1); !ok) return tl::unexpected(ok.error());
    if (padding.h > kernel.h / 2 || padding.w > kernel.w / 2)
        return fail("padding is {}: expected at most half of kernel_size {}", to_string(padding), to_string(kernel));
    const Shape output{input.n, input.c, pooled(input.h, kernel.h, stride.h, padding.h, dilation.h, w.ceil_mode),
                       pooled(input.w, kernel.w, stride.w, padding.w, dilation.w, w.ceil_mode)};
    if (output.h < 1 || output.w < 1)
        return fail("kernel {}{} is larger than the padded input {}x{}", to_string(kernel),
                    dilation == Size2{1, 1} ? "" : sentence(" with dilation {}", to_string(dilation)),
                    input.h + 2 * padding.h, input.w + 2 * padding.w);
    return output;
}

}  // namespace convlens
