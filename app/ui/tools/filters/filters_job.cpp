/// Computes what the tool "Filters" shows, on the worker thread.
#include <algorithm>
#include <cmath>
#include <random>

#include "app/ui/tools/filters/filters.h"
#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/document/custom_kernels.h"
#include "engine/filter/algebra.h"
#include "engine/nn/kernel_bank.h"
#include "engine/view/kernel_picture.h"
#include "engine/view/text.h"

namespace convlens {
namespace {

std::shared_ptr<const Image> shared(Image image) { return std::make_shared<const Image>(std::move(image)); }

/// Returns a layout of `count` square cells.
GridLayout cells(int count, int side) {
    GridLayout layout{count, std::min(filter_columns, std::max(count, 1)), 0, {side, side}, std::max(1, side / 32)};
    layout.rows = (count + layout.columns - 1) / layout.columns;
    return layout;
}

/// Puts a picture into a cell, as large as it fits in whole pixels.
void put(Image& grid, const GridLayout& layout, int cell, const Image& picture) {
    const Rect at = layout.cell_rect(cell);
    const int zoom = std::max(1, std::min(at.w / picture.width, at.h / picture.height));
    paste(grid, picture, at.x + (at.w - picture.width * zoom) / 2, at.y + (at.h - picture.height * zoom) / 2, zoom);
}

/// Returns batch item `item` of an input.
Tensor item_of(const Tensor& input, int item) {
    const Shape& s = input.shape();
    Tensor made({1, s.c, s.h, s.w});
    for (int c = 0; c < s.c; ++c) std::ranges::copy(input.plane(item, c), made.plane(0, c).begin());
    return made;
}

class FiltersJob {
  public:
    Expected<Value> operator()(const Value& want, const JobContext& c) {
        const auto& request = *want.as<FiltersRequest>();
        if (is_study(request.part)) {
            FiltersShown shown;
            shown.request = request;
            shown.input = item(c);
            return Value(std::move(shown));
        }
        const int layer = kernel_layer(c.output.network, c.output.plan.layer);
        if (layer < 0) return Value();
        const Layer& conv = c.output.network.layers[static_cast<std::size_t>(layer)];
        const auto raw = std::get<Conv2d>(conv.operation).weight;
        const int count = raw->shape().n;
        const auto exists = [&](int kernel) { return kernel >= 0 && kernel < count; };
        if (!exists(request.marked) || !std::ranges::all_of(request.kernels, exists))
            return Value();  // kernels of an earlier layer with more of them
        if (raw_ != raw || params_ != std::get<Conv2d>(conv.operation).params) {
            raw_ = raw;
            params_ = std::get<Conv2d>(conv.operation).params;
            applied_ = applied_kernels(std::get<Conv2d>(conv.operation));
        }
        FiltersShown shown;
        shown.request = request, shown.layer = conv.name, shown.weight = applied_;
        if (!fill(shown, c, layer == 0)) return canceled();
        return Value(std::move(shown));
    }

  private:
    /// Returns the shown item of the network's input: the same object as long as it is the same.
    std::shared_ptr<const Tensor> item(const JobContext& c) {
        const int index = c.output.document.display.item;
        if (c.output.input->shape().n == 1) return c.output.input;
        if (input_ != c.output.input || index_ != index)
            item_ = std::make_shared<const Tensor>(item_of(*c.output.input, index));
        input_ = c.output.input, index_ = index;
        return item_;
    }

    bool fill(FiltersShown& shown, const JobContext& context, bool first_layer) {
        const Cancel& cancel = context.cancel;
        const FiltersRequest& r = shown.request;
        std::vector<int> kernels = r.kernels;
        kernels.push_back(r.marked);
        // The spectrum of an output has the responses of all input channels in it.
        const int input = r.part != FiltersPart::spectra && r.input < shown.weight->shape().c ? r.input : -1;
        const auto weight =
            input < 0 ? shown.weight : std::make_shared<const Tensor>(input_channel(*shown.weight, input));
        auto bank = cache_.filters(weight, kernels, filter_samples, cancel);
        if (!bank) return false;
        shown.marked = bank->back();
        bank->pop_back();
        shown.bank = std::move(*bank);
        shown.order = ordered(shown.bank, r.order, r.of);
        shown.kernel = shared(kernel_picture(*shown.weight, r.marked));
        const int item = context.output.document.display.item;
        if (r.part == FiltersPart::frequency)
            draw_responses(shown, *weight);
        else if (r.part == FiltersPart::algebra)
            return compute_algebra(shown, *context.output.input, item, first_layer, cancel);
        else if (r.part == FiltersPart::paint)
            return fit_paint(shown, *context.output.input, item, cancel);
        else if (r.part == FiltersPart::spectra)
            return compute_spectra(shown, *this->item(context), first_layer, cancel);
        else if (r.part == FiltersPart::design)
            return compute_design(shown, *context.output.input, item, cancel);
        else if (std::max(raw_->shape().h, raw_->shape().w) <= max_separated_side)
            return separate(shown, cancel);
        return true;
    }

    static Image response_of(const FiltersRequest& r, const KernelFilter& filter, const Tensor& weight, int kernel) {
        if (r.view != ResponseView::phase)
            return response_picture(filter.magnitudes(r.of), filter.numbers(r.of).peak,
                                    r.view == ResponseView::decibels, Colormap::magma);
        // A phase is that of one plane: of the input channel, or of their sum.
        const Shape& s = weight.shape();
        std::vector<float> sum(s.plane(), 0.0F);
        for (int c = 0; c < s.c; ++c)
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight.plane(kernel, c)[i];
        return phase_picture(ResponsePlan({s.h, s.w}, filter_samples).response(sum));
    }

    static void draw_responses(FiltersShown& shown, const Tensor& weight) {
        const FiltersRequest& r = shown.request;
        shown.layout = cells(static_cast<int>(shown.bank.size()), filter_samples);
        Image grid(shown.layout.width(), shown.layout.height());
        for (int i = 0; i < shown.layout.count; ++i) {
            const auto at = static_cast<std::size_t>(shown.order[static_cast<std::size_t>(i)]);
            put(grid, shown.layout, i, response_of(r, *shown.bank[at], weight, r.kernels[at]));
        }
        shown.grid = shared(std::move(grid));
        shown.response = shared(response_of(r, *shown.marked, weight, r.marked));
        if (shown.marked->gabor) {
            const Shape& s = shown.weight->shape();
            Tensor plane({1, 1, s.h, s.w});
            const auto values = gabor_values(*shown.marked->gabor, {s.h, s.w});
            std::ranges::transform(values, plane.data(), [](double v) { return static_cast<float>(v); });
            shown.gabor = shared(kernel_picture(plane, 0));
        }
    }

    /// Draws all kernels with few terms, and the marked one in detail.
    bool separate(FiltersShown& shown, const Cancel& cancel) const {
        const FiltersRequest& r = shown.request;
        const Shape& s = raw_->shape();
        const int side = std::max({s.h, s.w, 1}), zoom = std::max(1, 64 / side);
        shown.layout = cells(static_cast<int>(shown.bank.size()), side * zoom);
        Image grid(shown.layout.width(), shown.layout.height());
        for (int i = 0; i < shown.layout.count; ++i) {
            if (cancel.requested()) return false;
            const int kernel = r.kernels[static_cast<std::size_t>(shown.order[static_cast<std::size_t>(i)])];
            const SeparableKernel separable(*raw_, kernel, r.split);
            put(grid, shown.layout, i,
                kernel_picture(separable.approximation(std::min(r.rank, separable.full_rank())), 0));
        }
        shown.grid = shared(std::move(grid));
        const SeparableKernel separable(*raw_, r.marked, r.split);
        SeparableShown made;
        made.values = separable.singular_values();
        made.rank = std::min(r.rank, separable.full_rank());
        made.direct = separable.direct_multiply_adds();
        for (int rank = 1; rank <= separable.full_rank(); ++rank) {
            made.errors.push_back(separable.error(rank));
            made.multiply_adds.push_back(separable.multiply_adds(rank));
        }
        Tensor close = separable.approximation(made.rank);
        made.approximation = shared(kernel_picture(close, 0));
        const auto kernel = std::span(raw_->plane(r.marked, 0).data(), close.size());
        for (std::size_t i = 0; i < close.size(); ++i) close.data()[i] = kernel[i] - close.data()[i];
        made.difference = shared(kernel_picture(close, 0));
        shown.kernel = shared(kernel_picture(*raw_, r.marked));
        shown.separable = std::move(made);
        return true;
    }

    /// Computes the algebra of the marked kernel on the image or, for a deeper layer, on noise.
    static bool compute_algebra(FiltersShown& shown, const Tensor& image, int item, bool first_layer,
                                const Cancel& cancel) {
        constexpr int max_side = 160;  // of the part of the image that is shown
        const Tensor& weight = *shown.weight;
        const Shape s = weight.shape();
        AlgebraShown& made = shown.algebra.emplace();
        made.on_image = first_layer && image.shape().c == s.c;
        const Shape from = made.on_image ? image.shape() : Shape{1, s.c, max_side, max_side};
        const int h = std::min(from.h, max_side + s.h), w = std::min(from.w, max_side + s.w);
        Tensor input({1, s.c, h, w});
        std::mt19937 random(1);
        for (int c = 0; c < s.c; ++c)
            for (int y = 0; y < h; ++y)
                for (int x = 0; x < w; ++x)
                    input.at(0, c, y, x) = made.on_image ? image.at(item, c, (from.h - h) / 2 + y, (from.w - w) / 2 + x)
                                                         : static_cast<float>(random()) / 4294967296.0F - 0.5F;
        Tensor kernel({1, s.c, s.h, s.w});
        std::copy_n(weight.plane(shown.request.marked, 0).data(), kernel.size(), kernel.data());
        const NamedKernel& named = edge_kernels()[static_cast<std::size_t>(shown.request.second)];
        Tensor second({1, 1, named.size.h, named.size.w});
        std::ranges::copy(named.values, second.data());
        made.second = shared(kernel_picture(second, 0));
        const auto numbers = algebra_numbers(kernel, second, input, available_simd().front(), cancel);
        if (!numbers) return false;
        if (!*numbers) {
            made.error = numbers->error().message;
            return true;
        }
        const AlgebraNumbers& n = **numbers;
        made.composition = n.composition, made.relu = n.relu, made.forward = n.forward, made.backward = n.backward;
        made.rotation = n.rotation, made.dilation = n.dilation;
        made.macs_in_a_row = n.macs_in_a_row, made.macs_at_once = n.macs_at_once;
        made.size = {n.composed.shape().h, n.composed.shape().w};
        // One singular value decomposition per channel, of a matrix of kernels by values: some milliseconds.
        constexpr double max_work = 1 << 23;
        const auto rows = static_cast<double>(s.n), columns = static_cast<double>(s.plane());
        if (static_cast<double>(weight.size()) * std::min(rows, columns) <= max_work)
            made.depthwise = depthwise_fit(weight);
        for (int c = 0; s.c <= 4 && c < s.c; ++c) {
            double sum = 0;
            for (const float v : kernel.plane(0, c)) sum += static_cast<double>(v);
            made.sums.push_back(sum);
        }
        made.composed = shared(kernel_picture(n.composed, 0));
        const float largest = largest_magnitude(n.in_a_row.values());
        made.in_a_row = shared(signed_map(n.in_a_row, largest));
        made.at_once = shared(signed_map(n.at_once, largest));
        made.rectified = shared(signed_map(n.rectified, largest));
        Tensor difference = n.in_a_row.clone();
        for (std::size_t i = 0; i < difference.size(); ++i) difference.data()[i] -= n.rectified.data()[i];
        made.difference = shared(signed_map(difference, largest));
        return true;
    }

    /// Fits the kernel to the paint, and shows what it answers everywhere.
    static bool fit_paint(FiltersShown& shown, const Tensor& image, int item, const Cancel& cancel) {
        const FiltersRequest& r = shown.request;
        PaintShown& made = shown.paint.emplace();
        if (!r.paint) {
            made.error = "paint some pixels with yes and some with no";
            return true;
        }
        const Tensor input = item_of(image, item);
        auto filter = fit_painted(input, *r.paint, r.side, std::pow(10.0, r.regularization));
        if (!filter) {
            made.error = filter.error().message;
            return true;
        }
        Conv2d conv;
        conv.weight = std::make_shared<const Tensor>(filter->kernel.clone());
        conv.bias = std::make_shared<const std::vector<float>>(1, filter->bias);
        conv.params.padding = {r.side / 2, r.side / 2};
        Tensor map({1, 1, input.shape().h, input.shape().w});
        if (!conv2d_forward(conv, input, available_simd().front(), cancel, map)) return false;
        made.largest = largest_magnitude(map.values());
        made.map = shared(signed_map(map, std::min(made.largest, 2.0F)));
        made.kernel = shared(kernel_picture(filter->kernel, 0));
        made.filter = std::move(*filter);
        return true;
    }

    std::shared_ptr<const Tensor> raw_, applied_;
    ConvParams params_;
    FilterBankCache cache_;
    std::shared_ptr<const Tensor> input_, item_;  ///< An input and its item `index_`.
    int index_ = 0;
};

}  // namespace

ToolJob make_filters_job(const BackendChoice&) { return FiltersJob(); }

}  // namespace convlens
