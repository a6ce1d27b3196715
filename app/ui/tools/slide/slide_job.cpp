/// Pads the input and draws the input and output pictures of the sliding window.
#include "app/ui/tools/slide/slide_job.h"

#include <algorithm>
#include <array>

#include "engine/nn/graph.h"

#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

/// Maximum for the longer side of the output's picture in pixels; smaller maps get one pixel per value.
constexpr int picture_side = 1024;

/// Maximum for the longer side of the input's picture in pixels. Smaller inputs get one pixel per value, so that the
/// user can zoom in.
constexpr int input_side = 4096;

/// Returns the input channels to draw: all three of a color image; the only channel that the value depends on, as in
/// pooling; otherwise the one with the largest mean absolute value of those that the value depends on, or the first of
/// them if `before` (the values of layer `from`) is null.
ChannelRange drawn_channels(const Taps& taps, int from, const Shape& input, const Activations* before, int item) {
    if (from < 0 && input.c == 3 && taps.channels == 3) return {0, 3};
    if (taps.channels == 1 || !before) return {taps.first_channel, 1};
    const auto stats = before->stats(item).subspan(static_cast<std::size_t>(taps.first_channel),
                                                   static_cast<std::size_t>(taps.channels));
    const auto most = std::max_element(stats.begin(), stats.end(),
                                       [](const auto& a, const auto& b) { return a.mean_abs < b.mean_abs; });
    return {taps.first_channel + static_cast<int>(most - stats.begin()), 1};
}

/// Returns `input` with the padding of `w` added on all sides.
Tensor padded(const Tensor& input, const WindowShape& w) {
    const Shape& s = input.shape();
    Tensor out({1, s.c, s.h + w.padding.top + w.padding.bottom, s.w + w.padding.left + w.padding.right}, 0.0F);
    for (int c = 0; c < s.c; ++c)
        for (int y = 0; y < out.shape().h; ++y)
            for (int x = 0; x < out.shape().w; ++x) {
                const int from_y = padded_source(w.mode, y - w.padding.top, s.h),
                          from_x = padded_source(w.mode, x - w.padding.left, s.w);
                if (from_y >= 0 && from_x >= 0) out.at(0, c, y, x) = input.at(0, c, from_y, from_x);
            }
    return out;
}

/// Draws the padded input. If `plain`, values 0 to 1 are shown as black to white; otherwise each channel is scaled to
/// its own minimum and maximum.
Image input_image(const Tensor& tensor, bool plain) {
    std::array<float, 3> lo{0, 0, 0}, hi{1, 1, 1};
    for (int c = 0; !plain && c < std::min(tensor.shape().c, 3); ++c) {
        const auto [low, high] = std::minmax_element(tensor.plane(0, c).begin(), tensor.plane(0, c).end());
        lo[static_cast<std::size_t>(c)] = *low;
        hi[static_cast<std::size_t>(c)] = *high;
    }
    return input_picture(tensor, 0, input_side, lo.data(), hi.data());
}

/// Returns true if all values are between 0 and 1, like pixels that are not normalized.
bool plain_pixels(const Tensor& t) {
    return std::all_of(t.values().begin(), t.values().end(), [](float v) { return v >= 0 && v <= 1; });
}

/// Returns display options that show one channel in the document's colormap.
DisplayOptions output_display(const DisplayOptions& document, int item, int channel, const Shape& s) {
    DisplayOptions display;
    display.scale.mode = is_symmetric(document.scale.mode) ? ScaleMode::per_channel_symmetric : ScaleMode::per_channel;
    display.colormap = document.effective_colormap();
    display.channels = {channel};
    display.item = item;
    display.gap = 0;
    const int longer = std::max(s.h, s.w);
    if (longer > picture_side)
        display.cell = {std::max(1, s.h * picture_side / longer), std::max(1, s.w * picture_side / longer)};
    return display;
}

}  // namespace

Expected<SlideScene> make_slide_scene(const Output& output, int channel, const SlideScene& before, Backend& backend,
                                      const Cancel& cancel) {
    const int layer = making_layer(output.network, output.plan.layer), item = output.document.display.item;
    const Operation& operation = output.network.layers[static_cast<std::size_t>(layer)].operation;
    SlideScene stage;
    stage.layer = output.network.layers[static_cast<std::size_t>(layer)].name;
    stage.channel = channel;
    const std::vector<int> inputs = inputs_of(output.network.layers, layer);
    const int from = inputs.front();
    const Shape in = from >= 0 ? output.numbers.layers[static_cast<std::size_t>(from)].output : output.input->shape();
    const auto window = window_of(spec_of(operation), {in.h, in.w});
    if (!window || !window->slides) return stage;
    stage.window = *window;
    auto made = backend.forward(output.network, output.input, layer, cancel);
    if (!made) return tl::unexpected(made.error());
    stage.output = (*made)->shape();
    const LayerNumbers& shown = output.numbers.layers[static_cast<std::size_t>(output.plan.layer)];
    if (shown.output.c != stage.output.c || shown.output.h != stage.output.h ||
        shown.output.w != stage.output.w) {  // a Flatten follows
        stage.layer = shown.name;
        return stage;
    }
    if (channel >= stage.output.c) return stage;
    stage.made_by = *made;
    const DisplayOptions display = output_display(output.document.display, item, channel, stage.output);
    if (before.picture && before.made_by.lock() == *made && before.display == display) return before;

    std::shared_ptr<const Activations> source;
    if (from >= 0) {
        auto run = backend.forward(output.network, output.input, from, cancel);
        if (!run) return tl::unexpected(run.error());
        source = std::move(*run);
    }
    stage.input = source ? source->shape() : output.input->shape();
    const ChannelRange drawn =
        drawn_channels(taps_of(operation, stage.input, {channel, 0, 0}), from, stage.input, source.get(), item);
    stage.input_channel = drawn.count == 3 ? -1 : drawn.first;
    Tensor values({1, drawn.count, stage.input.h, stage.input.w});
    if (source) {
        auto read = source->read(item, drawn, {0, 0, stage.input.w, stage.input.h});
        if (!read) return tl::unexpected(read.error());
        values = std::move(*read);
    } else {
        for (int c = 0; c < drawn.count; ++c)
            std::ranges::copy(output.input->plane(item, drawn.first + c), values.plane(0, c).begin());
    }
    stage.display = display;
    auto picture = (*made)->render_grid(display, cancel);
    if (!picture) return tl::unexpected(picture.error());
    stage.picture = std::make_shared<const Image>(std::move(*picture));
    stage.padded = std::make_shared<const Image>(input_image(padded(values, stage.window), plain_pixels(values)));
    return stage;
}

}  // namespace convlens
