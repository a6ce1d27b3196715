/// The parts of `convlens analyze --part` that are about one kernel: spectra, design, algebra, paint.
#include <algorithm>
#include <cmath>

#include "app/cli/filter_parts.h"
#include "engine/core/numbers.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/document/custom_kernels.h"
#include "engine/filter/algebra.h"
#include "engine/filter/band_filter.h"
#include "engine/filter/filter_bank.h"
#include "engine/filter/filtered_spectra.h"
#include "engine/filter/painted_filter.h"
#include "engine/io/image_file.h"
#include "engine/nn/kernel_bank.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

using Pictures = std::vector<std::pair<std::string, Image>>;

/// Returns the subject's kernel as it is applied, (1, C, KH, KW), if its layer reads the picture.
Expected<Tensor> kernel_of(const FilterPartSubject& subject, const FiltersCommand& command) {
    const int layer = kernel_layer(subject.network, static_cast<int>(subject.network.layers.size()) - 1);
    if (layer != 0)
        return fail("part {} needs a convolution that reads the image, expected --layer {}", command.part,
                    subject.network.layers.front().name);
    const auto weight = applied_kernels(std::get<Conv2d>(subject.network.layers.front().operation));
    const Shape& s = weight->shape();
    if (subject.channel >= s.n)
        return fail("channel {} does not exist: {} has channels 0 to {}", subject.channel,
                    subject.network.layers.front().name, s.n - 1);
    if (s.c != subject.input.shape().c)
        return fail("part {} needs a kernel for all {} channels of the image, found {}", command.part,
                    subject.input.shape().c, s.c);
    Tensor kernel({1, s.c, s.h, s.w});
    std::copy_n(weight->plane(subject.channel, 0).data(), kernel.size(), kernel.data());
    return kernel;
}

/// Draws an item of at most 1024 pixels per side, each channel from its smallest to its largest value.
Image in_gray(const Tensor& item) {
    std::vector<float> lo, hi;
    for (int c = 0; c < item.shape().c; ++c) {
        const auto [least, most] = std::ranges::minmax(item.plane(0, c));
        lo.push_back(least), hi.push_back(most > least ? most : least + 1);
    }
    return input_picture(item, 0, 1024, lo.data(), hi.data());
}

Image in_colors(const Tensor& map) { return signed_map(map, largest_magnitude(map.values())); }

Image enlarged(const Image& picture) {
    const int zoom = std::max(1, 256 / std::max(picture.width, picture.height));
    Image made(picture.width * zoom, picture.height * zoom);
    paste(made, picture, 0, 0, zoom);
    return made;
}

Image response_in(const Magnitudes& m, bool decibels) {
    return response_picture(m, *std::ranges::max_element(m.values), decibels, Colormap::magma);
}

void copy_centered(const Magnitudes& m, Tensor& to, int item) {
    for (int y = 0; y < m.size; ++y)
        for (int x = 0; x < m.size; ++x) to.at(item, 0, y, x) = m.sample(y - m.size / 2, x - m.size / 2);
}

/// Parses two numbers with a comma in between.
std::optional<std::pair<double, double>> two_numbers(std::string_view text) {
    const auto first = parse_number<double>(cut(text, ',')), second = parse_number<double>(text);
    return first && second ? std::optional(std::pair(*first, *second)) : std::nullopt;
}

/// Paints the pixels that are white (all channels at least 0.75) with `yes` and the black ones (at most 0.25) with
/// `no`.
Expected<void> paint_from(const std::string& path, Paint yes, Paint no, const Shape& input, PaintedImage& paint) {
    const auto mask = load_picture(path);
    if (!mask) return tl::unexpected(mask.error());
    const Shape& s = mask->color.shape();
    if (s.h != input.h || s.w != input.w)
        return fail("{}: the mask has {}x{} pixels, expected those of the input, {}x{}", printable(path, 200), s.h, s.w,
                    input.h, input.w);
    for (std::size_t i = 0; i < paint.pixels.size(); ++i) {
        const float values[] = {mask->color.plane(0, 0)[i], mask->color.plane(0, 1)[i], mask->color.plane(0, 2)[i]};
        const auto [lo, hi] = std::ranges::minmax(values);
        if (lo >= 0.75F) paint.pixels[i] = yes;
        if (hi <= 0.25F) paint.pixels[i] = no;
    }
    return {};
}

}  // namespace

std::optional<std::pair<double, double>> band_from(std::string_view text) {
    const auto numbers = two_numbers(text);
    const bool valid = numbers && numbers->first >= 0 && numbers->first <= numbers->second && numbers->second <= 0.75;
    return valid ? numbers : std::nullopt;
}

Expected<FilterPartResult> spectra_of_kernel(const FilterPartSubject& subject, const FiltersCommand& command) {
    const auto kernel = kernel_of(subject, command);
    if (!kernel) return tl::unexpected(kernel.error());
    const auto made = *filtered_spectra(subject.input, *kernel, available_simd().front(), Cancel());
    if (!made) return tl::unexpected(made.error());
    const Shape& s = kernel->shape();
    std::vector<FrequencyResponse> responses;
    for (int c = 0; c < s.c; ++c)
        responses.push_back(ResponsePlan({s.h, s.w}, made->side).response(kernel->plane(0, c)));
    const Magnitudes h = magnitudes(responses);
    FilterPartResult result;
    result.chart = spectra_chart(*made, h);
    result.csv = chart_csv(*result.chart);
    result.text = fmt::format(
        "kernel {}: the middle {}x{} of {}x{} pixels, under a Hann window\nthe spectrum of the output differs from the "
        "product by {:.2f} % of its norm",
        subject.channel, made->side, made->side, made->picture.h, made->picture.w, 100 * made->difference);
    result.data = Tensor({4, 1, made->side, made->side});
    const Magnitudes* all[] = {&made->input, &h, &made->product, &made->output};
    for (int i = 0; i < 4; ++i) copy_centered(*all[i], result.data, i);
    result.picture = picture_sheet({{"image", in_gray(made->before)},
                                    {"kernel", enlarged(kernel_picture(*kernel, 0))},
                                    {"output", in_colors(made->after)},
                                    {"|X|", response_in(made->input, true)},
                                    {"|H|", response_in(h, true)},
                                    {"|Y|", response_in(made->output, true)}},
                                   3);
    return result;
}

Expected<FilterPartResult> designed_kernel(const FilterPartSubject&, const FiltersCommand& command) {
    const auto edges = band_from(command.band).value();
    const Band band{edges.first, edges.second, command.orientation, command.spread};
    auto made = band_filter(band, command.kernel_size, command.outside);
    if (!made) return tl::unexpected(made.error());
    FilterPartResult result;
    result.chart = band_chart(band, *made);
    result.csv = chart_csv(*result.chart);
    result.text = fmt::format(
        "{0}x{0} kernel for {1:.3g} to {2:.3g} cycles per pixel{3}: error {4:.1f} % of the norm of the wanted "
        "response\nthe "
        "band passes with {5:.3f} on average, no other frequency with more than {6:.3f}",
        command.kernel_size, band.lowest, band.highest,
        band.spread < 180 ? fmt::format(", {:.3g} degrees wide around {:.3g} degrees", band.spread, band.orientation)
                          : "",
        100 * made->error, made->passed, made->leaked);
    Magnitudes wanted{band_samples, {}};
    for (int row = 0; row < band_samples; ++row)
        for (int x = 0; x <= band_samples / 2; ++x) {
            const int y = row < band_samples / 2 ? row : row - band_samples;
            wanted.values.push_back(
                band.contains(y / static_cast<double>(band_samples), x / static_cast<double>(band_samples)) ? 1.0F
                                                                                                            : 0.0F);
        }
    const Size2 size{command.kernel_size, command.kernel_size};
    result.picture = picture_sheet(
        {{"wanted", enlarged(response_picture(wanted, 1, false, Colormap::magma))},
         {"|H|",
          enlarged(response_in(magnitudes(ResponsePlan(size, band_samples).response(made->kernel.values())), false))},
         {"kernel", enlarged(kernel_picture(made->kernel, 0))}},
        3);
    result.data = std::move(made->kernel);
    return result;
}

Expected<FilterPartResult> algebra_of_kernel(const FilterPartSubject& subject, const FiltersCommand& command) {
    const auto kernel = kernel_of(subject, command);
    if (!kernel) return tl::unexpected(kernel.error());
    const auto named = std::ranges::find(edge_kernels(), command.second, &NamedKernel::name);
    Tensor second({1, 1, named->size.h, named->size.w});
    std::ranges::copy(named->values, second.data());
    auto made = *algebra_numbers(*kernel, second, subject.input, available_simd().front(), Cancel());
    if (!made) return tl::unexpected(made.error());
    const struct {
        const char *name, *words;
        double value;
    } rows[] = {
        {"composition", "two kernels in a row - the composed one, largest difference", made->composition},
        {"relu", "the same with a ReLU in between", made->relu},
        {"forward", "<A x, y>", made->forward},
        {"backward", "<x, A' y>", made->backward},
        {"rotation", "correlation - convolution, largest difference", made->rotation},
        {"dilation", "dilation 2 - inserted zeros, largest difference", made->dilation},
        {"macs_in_a_row", "multiply-adds per value in a row", static_cast<double>(made->macs_in_a_row)},
        {"macs_at_once", "multiply-adds per value with the composed kernel", static_cast<double>(made->macs_at_once)}};
    FilterPartResult result;
    result.csv = "number,value\n";
    result.text =
        fmt::format("kernel {} and then {}; differences are parts of the largest value", subject.channel, named->name);
    for (const auto& row : rows) {
        result.text += fmt::format("\n{:<62} {:.7g}", row.words, row.value);
        result.csv += fmt::format("{},{:.9g}\n", row.name, row.value);
    }
    Tensor difference = made->in_a_row.clone();
    for (std::size_t i = 0; i < difference.size(); ++i) difference.data()[i] -= made->rectified.data()[i];
    const float most = largest_magnitude(made->in_a_row.values());
    result.picture = picture_sheet({{"kernel", enlarged(kernel_picture(*kernel, 0))},
                                    {"second kernel", enlarged(kernel_picture(second, 0))},
                                    {"composed kernel", enlarged(kernel_picture(made->composed, 0))},
                                    {"", Image(1, 1)},
                                    {"both in a row", signed_map(made->in_a_row, most)},
                                    {"composed kernel", signed_map(made->at_once, most)},
                                    {"with a ReLU between", signed_map(made->rectified, most)},
                                    {"what the ReLU changes", signed_map(difference, most)}},
                                   4);
    result.data = std::move(made->composed);
    return result;
}

Expected<FilterPartResult> painted_kernel(const FilterPartSubject& subject, const FiltersCommand& command) {
    const Shape& s = subject.input.shape();
    if (command.mask.empty()) return fail("part paint needs --mask FILE: white pixels are yes, black ones no");
    PaintedImage paint{s.h, s.w, std::vector<Paint>(s.plane(), Paint::none)};
    // Paint to fit wins over paint to test.
    if (!command.test_mask.empty())
        if (auto ok = paint_from(command.test_mask, Paint::test_yes, Paint::test_no, s, paint); !ok)
            return tl::unexpected(ok.error());
    if (auto ok = paint_from(command.mask, Paint::yes, Paint::no, s, paint); !ok) return tl::unexpected(ok.error());
    auto made = fit_painted(subject.input, paint, command.kernel_size, command.regularization);
    if (!made) return tl::unexpected(made.error());
    FilterPartResult result;
    result.text =
        fmt::format("{} painted pixels: {:.1f} % right, error {:.4f}", made->samples, 100 * made->right, made->error);
    if (made->test_samples > 0)
        result.text += fmt::format("\n{} test pixels: {:.1f} % right, error {:.4f}", made->test_samples,
                                   100 * made->test_right, made->test_error);
    result.csv =
        fmt::format("samples,error,right,test_samples,test_error,test_right,bias\n{},{:.9g},{:.9g},{},{},{},{:.9g}\n",
                    made->samples, made->error, made->right, made->test_samples,
                    made->test_samples > 0 ? fmt::format("{:.9g}", made->test_error) : "",
                    made->test_samples > 0 ? fmt::format("{:.9g}", made->test_right) : "", made->bias);
    Conv2d conv;
    conv.weight = std::make_shared<const Tensor>(made->kernel.clone());
    conv.bias = std::make_shared<const std::vector<float>>(1, made->bias);
    conv.params.padding = {command.kernel_size / 2, command.kernel_size / 2};
    Tensor map({1, 1, s.h, s.w});
    if (!conv2d_forward(conv, subject.input, available_simd().front(), Cancel(), map)) return fail("canceled");
    result.picture = picture_sheet({{"image", in_gray(subject.input)},
                                    {"kernel", enlarged(kernel_picture(made->kernel, 0))},
                                    {"its answers", signed_map(map, std::min(largest_magnitude(map.values()), 2.0F))}},
                                   3);
    result.data = std::move(made->kernel);
    return result;
}

}  // namespace convlens
