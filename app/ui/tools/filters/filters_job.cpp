/// Computes what the tool "Filters" shows, on the worker thread.
#include <algorithm>
#include <cmath>

#include "app/ui/tools/filters/filters.h"
#include "engine/document/custom_kernels.h"
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

class FiltersJob {
  public:
    Expected<Value> operator()(const Value& want, const JobContext& c) {
        const auto& request = *want.as<FiltersRequest>();
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
        FiltersShown shown{request, conv.name, applied_, {}, {}, {}, {}, {}, {}, {}, {}, {}};
        if (!fill(shown, c.cancel)) return canceled();
        return Value(std::move(shown));
    }

  private:
    bool fill(FiltersShown& shown, const Cancel& cancel) {
        const FiltersRequest& r = shown.request;
        std::vector<int> kernels = r.kernels;
        kernels.push_back(r.marked);
        const int input = r.input < shown.weight->shape().c ? r.input : -1;
        const auto weight =
            input < 0 ? shown.weight : std::make_shared<const Tensor>(input_channel(*shown.weight, input));
        auto bank = cache_.filters(weight, kernels, filter_samples, cancel);
        if (!bank) return false;
        shown.marked = bank->back();
        bank->pop_back();
        shown.bank = std::move(*bank);
        shown.order = ordered(shown.bank, r.order, r.of);
        shown.kernel = shared(kernel_picture(*shown.weight, r.marked));
        if (r.part == FiltersPart::frequency)
            draw_responses(shown, *weight);
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

    std::shared_ptr<const Tensor> raw_, applied_;
    ConvParams params_;
    FilterBankCache cache_;
};

}  // namespace

ToolJob make_filters_job(const BackendChoice&) { return FiltersJob(); }

}  // namespace convlens
