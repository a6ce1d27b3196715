/// Evaluates a document and draws the visible part of its grid.
#include "app/ui/render_job.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <utility>

#include "app/ui/tool.h"
#include "app/ui/tools/grid/fit_display.h"
#include "engine/core/object_pool.h"
#include "engine/document/custom_kernels.h"
#include "engine/document/evaluate.h"
#include "engine/export/export.h"
#include "engine/nn/draw_grid.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

class RenderJob {
  public:
    explicit RenderJob(const BackendChoice& choice) : backend_(backend_makers(choice)) {
        for (const Tool* tool : tools()) jobs_.push_back(tool->job ? tool->job(choice) : ToolJob());
    }

    std::optional<Expected<RenderResult>> operator()(const RenderRequest& request, const Cancel& cancel) {
        try {
            auto result = show_on_either(request, cancel);
            if (!result && result.error().canceled) return std::nullopt;
            return result;
        } catch (const std::bad_alloc&) {
            return fail("there is not enough memory to show this: use a smaller image or fewer channels");
        }
    }

  private:
    /// Images of the last result, which the next result may reuse.
    struct Drawn {
        DisplayOptions display;
        std::shared_ptr<const Image> picture, input, kernels;
    };

    /// Answers the request on the selected backend, or on the CPU if OpenGL fails. If the request asks for it, then
    /// measures both backends and answers again.
    Expected<RenderResult> show_on_either(const RenderRequest& request, const Cancel& cancel) {
        backend_.use(request.use);
        const auto work = [&] {
            return backend_.guarded([&] { return show(request, cancel); }).map([&](RenderResult shown) {
                shown.gl_failure = backend_.failure();
                return shown;
            });
        };
        auto shown = work();
        if (!shown || request.measure == 0 || measured_ == request.measure) return shown;
        const auto measured =
            backend_.compare(output_->network, output_->input, output_->plan.layer, request.any_driver, cancel);
        if (!measured && measured.error().canceled) return shown;  // the next request measures
        measured_ = request.measure;
        if (!measured) return tl::unexpected(measured.error());
        return work();
    }

    /// Answers the request on `backend_`.
    Expected<RenderResult> show(const RenderRequest& request, const Cancel& cancel) {
        // Frames of a live source lie over the document; the memory of their tensors is kept as long as they come.
        if (request.document.input == request.edited.input)
            inputs_.reset();
        else if (!inputs_)
            inputs_.emplace();
        auto output =
            evaluate(request.document, backend_, cancel, output_ ? &*output_ : nullptr, inputs_ ? &*inputs_ : nullptr);
        if (!output) return tl::unexpected(output.error());
        const bool same_maps = output_ && output_->activations == output->activations;
        const bool same_input = output_ && output_->input == output->input &&
                                output_->document.display.item == output->document.display.item;
        const bool same_kernels =
            output_ && output_->network == output->network && output_->plan.layer == output->plan.layer;
        output_ = std::move(*output);
        // Images may be reused only if they show the previous output. If this request fails below, the next one reuses
        // none.
        const Drawn before = std::exchange(last_, {});

        RenderResult next;
        next.request = request;
        next.input_shape = output_->input->shape();
        next.output_shape = output_->activations->shape();
        if (const Comparison* c = backend_.comparison(output_->network, next.input_shape)) next.comparison = *c;
        next.network = output_->network;
        next.shown_layer = output_->plan.layer;
        next.kernels_title = network_title(request.document);
        next.layer = output_->plan.layers[static_cast<std::size_t>(output_->plan.layer)].name;
        next.normalize = to_string(effective_normalize(request.document));
        next.forward_ms = output_->forward_ms;
        next.multiply_accumulates = output_->multiply_accumulates;
        if (auto ok = draw(next, same_maps, before, cancel); !ok) return tl::unexpected(ok.error());
        next.input =
            same_input && before.input ? before.input : std::make_shared<const Image>(input_thumbnail(*output_, 384));
        draw_kernels(next, same_kernels ? before.kernels : nullptr);
        if (auto ok = probe(next); !ok) return tl::unexpected(ok.error());
        if (auto ok = answer(next, cancel); !ok) return tl::unexpected(ok.error());
        next.backend = backend_.name();  // after the tools' jobs, in which OpenGL may have failed
        last_ = {next.display, next.picture, next.input, next.kernels};
        return next;
    }

    /// Draws the visible part of the grid, or reuses the previous picture if nothing has changed.
    Expected<void> draw(RenderResult& next, bool same_maps, const Drawn& before, const Cancel& cancel) {
        const Document& document = next.request.document;
        if (document.display.item < 0 || document.display.item >= next.output_shape.n)
            return fail("item {} does not exist: the batch has items 0 to {}", document.display.item,
                        next.output_shape.n - 1);
        const auto stats = output_->activations->stats(document.display.item);
        next.stats.assign(stats.begin(), stats.end());
        DisplayOptions display = document.display;
        auto shown = shown_channels(display, stats);
        if (!shown) return tl::unexpected(shown.error());
        next.ranges = channel_ranges(display, stats, *shown);
        next.channels = *shown;
        if (const auto& enlarged = next.request.view.enlarged) show_alone(*enlarged, display, next);

        const Size2 map{next.output_shape.h, next.output_shape.w};
        const int count = static_cast<int>(next.channels.size());
        next.display = fit_display(display, next.request.view, map, count);
        next.layout = grid_layout(next.display, map, count);
        if (same_maps && before.picture && before.display == next.display) {
            next.picture = before.picture;
            return {};
        }
        GridPicture picture = pictures_.take();
        auto drawn = draw_grid(*output_->activations, next.display, cancel, picture);
        if (!drawn) {
            pictures_.put_back(std::move(picture));
            return drawn;
        }
        const auto shared = pictures_.share(std::move(picture));
        next.picture = {shared, &shared->image};
        return {};
    }

    /// Shows only channel `channel`, with the value range that it has among all channels.
    static void show_alone(int channel, DisplayOptions& display, RenderResult& next) {
        const auto at = std::find(next.channels.begin(), next.channels.end(), channel);
        if (at == next.channels.end()) return;
        const Range range = next.ranges[static_cast<std::size_t>(at - next.channels.begin())];
        display = alone(display, channel, range);
        next.channels = {channel};
        next.ranges = {range};
    }

    /// Draws all kernels of the shown convolution, or reuses the image `before`.
    void draw_kernels(RenderResult& next, const std::shared_ptr<const Image>& before) {
        const int layer = kernel_layer(output_->network, output_->plan.layer);
        if (layer < 0) return;
        const auto* conv = &std::get<Conv2d>(output_->network.layers[static_cast<std::size_t>(layer)].operation);
        next.weight = conv->weight;
        const int count = conv->weight->shape().n;
        next.kernel_columns = count <= 16 ? std::min(4, count) : 8;
        constexpr int max_pixels = 8192;
        const int rows = (conv->weight->shape().n + next.kernel_columns - 1) / next.kernel_columns;
        if (before) {
            next.kernels = before;
            return;
        }
        // Single-channel kernels are drawn with one channel, although the network applies them to all color channels.
        const auto own = custom_kernels(next.request.document, output_->network, output_->plan.layer);
        const Tensor& weight = own ? *own->weight : *conv->weight;
        if (rows * weight.shape().h <= max_pixels && next.kernel_columns * weight.shape().w <= max_pixels)
            next.kernels = std::make_shared<const Image>(kernel_strip(weight, next.kernel_columns));
    }

    /// Reads the values of all channels at request.probe.
    Expected<void> probe(RenderResult& next) const {
        const auto& position = next.request.probe;
        const Shape& s = next.output_shape;
        if (!position || position->y < 0 || position->x < 0 || position->y >= s.h || position->x >= s.w) return {};
        const auto column =
            output_->activations->read(next.request.document.display.item, {0, s.c}, {position->x, position->y, 1, 1});
        if (!column) return tl::unexpected(column.error());
        next.probed.assign(column->values().begin(), column->values().end());
        return {};
    }

    /// Computes each tool's answer, in the order of tools().
    Expected<void> answer(RenderResult& next, const Cancel& cancel) {
        const auto& wants = next.request.wants;
        const JobContext context{*output_, next, backend_, cancel};
        std::vector<Value> answers(wants.size());
        for (std::size_t i = 0; i < wants.size(); ++i) {
            if (!wants[i]) continue;
            auto made = jobs_[i](wants[i], context);
            if (!made) return tl::unexpected(made.error());
            answers[i] = std::move(*made);
        }
        next.answers = std::move(answers);
        return {};
    }

    EitherBackend backend_;
    int measured_ = 0;  ///< RenderRequest::measure of the last measurement.
    std::optional<Output> output_;
    std::optional<ObjectPool<Tensor>> inputs_;
    ObjectPool<GridPicture> pictures_;
    std::vector<ToolJob> jobs_;  ///< One for each of tools(); empty if the tool has no job.
    Drawn last_;
};

}  // namespace

std::function<std::optional<Expected<RenderResult>>(const RenderRequest&, const Cancel&)> make_render_job(
    const BackendChoice& backend) {
    return [job = std::make_shared<RenderJob>(backend)](const RenderRequest& request, const Cancel& cancel) {
        return (*job)(request, cancel);
    };
}

}  // namespace convlens
