/// Computes spectra before and after a kernel, and kernels for bands, on the worker thread.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "app/ui/tools/filters/filters.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

SharedPicture shared(Image image) { return std::make_shared<const Image>(std::move(image)); }

SharedPicture in_decibels(const Magnitudes& m) {
    const float peak = m.values.empty() ? 0 : *std::ranges::max_element(m.values);
    return shared(response_picture(m, peak, true, Colormap::magma));
}

/// Draws the wanted response like response_picture().
Image wanted_picture(const Band& band) {
    Magnitudes m{filter_samples, {}};
    for (int row = 0; row < m.size; ++row)
        for (int x = 0; x <= m.size / 2; ++x) {
            const int y = row < m.size / 2 ? row : row - m.size;
            m.values.push_back(band.contains(static_cast<double>(y) / m.size, static_cast<double>(x) / m.size) ? 1.0F
                                                                                                               : 0.0F);
        }
    return response_picture(m, 1, false, Colormap::magma);
}

/// Returns the brightness of an item: the mean of its channels, cut to its middle of at most `max_side` per side.
Tensor gray_middle(const Tensor& image, int item, int max_side) {
    const Shape& s = image.shape();
    const int h = std::min(s.h, max_side), w = std::min(s.w, max_side);
    Tensor made({1, 1, h, w}, 0.0F);
    for (int c = 0; c < s.c; ++c)
        for (int y = 0; y < h; ++y)
            for (int x = 0; x < w; ++x)
                made.at(0, 0, y, x) +=
                    image.at(item, c, (s.h - h) / 2 + y, (s.w - w) / 2 + x) / static_cast<float>(s.c);
    return made;
}

}  // namespace

bool compute_spectra(FiltersShown& shown, const Tensor& input, bool first_layer, const Cancel& cancel) {
    SpectraShown& made = shown.spectra.emplace();
    const Shape& s = shown.weight->shape();
    if (!first_layer || input.shape().c != s.c) {
        made.error =
            "spectra are those of the image: choose a layer that reads the image with all of its channels, such as the "
            "first convolution";
        return true;
    }
    Tensor kernel({1, s.c, s.h, s.w});
    std::copy_n(shown.weight->plane(shown.request.marked, 0).data(), kernel.size(), kernel.data());
    auto numbers = filtered_spectra(input, kernel, available_simd().front(), cancel);
    if (!numbers) return false;
    if (!*numbers) {
        made.error = numbers->error().message;
        return true;
    }
    const FilteredSpectra& n = **numbers;
    const Magnitudes& h = shown.marked->magnitudes(ResponseOf::all);
    made.side = n.side;
    made.picture = n.picture;
    made.difference = n.difference;
    made.chart = spectra_chart(n, h);
    made.input = in_decibels(n.input);
    made.response = in_decibels(h);
    made.output = in_decibels(n.output);
    std::vector<float> lo, hi;
    for (int c = 0; c < s.c; ++c) {
        const auto [least, most] = std::ranges::minmax(n.before.plane(0, c));
        lo.push_back(least), hi.push_back(most > least ? most : least + 1);
    }
    made.before = shared(input_picture(n.before, 0, max_spectrum_side, lo.data(), hi.data()));
    made.after = shared(signed_map(n.after, largest_magnitude(n.after.values())));
    return true;
}

bool compute_design(FiltersShown& shown, const Tensor& image, int item, const Cancel& cancel) {
    const BandChoice& choice = shown.request.design;
    DesignShown& made = shown.design.emplace();
    const Band band = choice.band();
    made.wanted = shared(wanted_picture(band));
    auto filter = band_filter(band, choice.side, choice.outside);
    if (!filter) {
        made.error = filter.error().message;
        return true;
    }
    const FrequencyResponse h =
        ResponsePlan({choice.side, choice.side}, filter_samples).response(filter->kernel.values());
    const Magnitudes m = magnitudes(h);
    made.response = shared(response_picture(m, *std::ranges::max_element(m.values), false, Colormap::magma));
    made.chart = band_chart(band, *filter);
    made.kernel = shared(kernel_picture(filter->kernel, 0));
    Conv2d conv;
    conv.weight = std::make_shared<const Tensor>(filter->kernel.clone());
    conv.params.padding = {choice.side / 2, choice.side / 2};
    conv.params.padding_mode = PaddingMode::replicate;
    const Tensor input = gray_middle(image, item, max_spectrum_side);
    Tensor map(input.shape());
    if (!conv2d_forward(conv, input, available_simd().front(), cancel, map)) return false;
    if (band.contains(0, 0)) {  // the brightness is kept: a picture in gray
        const auto [lo, hi] = std::ranges::minmax(map.values());
        const Range range{lo, hi > lo ? hi : lo + 1};
        made.map = shared(input_picture(map, 0, max_spectrum_side, &range.lo, &range.hi));
    } else {
        made.map = shared(signed_map(map, largest_magnitude(map.values())));
    }
    made.filter = std::move(*filter);
    return true;
}

}  // namespace convlens
