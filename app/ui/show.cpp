/// Evaluating a document and drawing what of it is visible.
#include "app/ui/show.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <utility>

#include "app/fonts.h"
#include "app/ui/show_compare.h"
#include "app/ui/show_slide.h"
#include "app/ui/show_why.h"
#include "engine/core/spare.h"
#include "engine/document/evaluate.h"
#include "engine/document/own_kernels.h"
#include "engine/export/export.h"
#include "engine/open/checkpoint.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

/// The largest cell of the map's aspect with which `columns` x `rows` cells fit into the area, in pixels of width.
double fitting_width(Size2 area, Size2 map, int columns, int rows, int gap) {
    const double w = static_cast<double>(area.w - gap * (columns + 1)) / columns;
    const double h = static_cast<double>(area.h - gap * (rows + 1)) / rows;
    return std::max(1.0, std::min(w, h * map.w / map.h));
}

int best_columns(Size2 area, Size2 map, int count, int gap) {
    int best = 1;
    double widest = 0;
    for (int columns = 1; columns <= std::min(count, 8); ++columns) {
        const double width = fitting_width(area, map, columns, (count + columns - 1) / columns, gap);
        if (width > widest * 1.001) widest = width, best = columns;
    }
    return best;
}

class ShowJob {
  public:
    explicit ShowJob(const BackendOptions& options) : backend_(backend_makers(options)), comparer_(options) {}

    std::optional<Expected<Shown>> operator()(const ShowRequest& request, const Cancel& cancel) {
        try {
            auto result = show_on_either(request, cancel);
            if (!result && result.error().cancelled) return std::nullopt;
            return result;
        } catch (const std::bad_alloc&) {
            return fail("there is not enough memory to show this: use a smaller image or fewer channels");
        }
    }

  private:
    Expected<Shown> show_on_either(const ShowRequest& request, const Cancel& cancel) {
        backend_.use(request.use);
        const auto work = [&] {
            return backend_.guarded([&] { return show(request, cancel); }).map([&](Shown shown) {
                shown.gl_failure = backend_.failure();
                return shown;
            });
        };
        auto shown = work();
        if (!shown || request.measure == 0 || std::exchange(measured_, request.measure) == request.measure)
            return shown;
        const auto measured =
            backend_.compare(output_->network, output_->input, output_->plan.layer, request.any_driver, cancel);
        if (!measured) return tl::unexpected(measured.error());
        return work();
    }

    Expected<Shown> show(const ShowRequest& request, const Cancel& cancel) {
        auto output = evaluate(request.document, backend_, cancel, output_ ? &*output_ : nullptr);
        if (!output) return tl::unexpected(output.error());
        const bool same_maps = output_ && output_->activations == output->activations;
        const bool same_input =
            output_ && output_->input == output->input && output_->document.look.item == output->document.look.item;
        const bool same_kernels =
            output_ && output_->network == output->network && output_->plan.layer == output->plan.layer;
        output_ = std::move(*output);
        // Only pictures of the output before may be taken over: a request that fails or is cancelled below leaves none.
        const Shown before = std::exchange(last_, {});

        Shown next;
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
        if (auto ok = explain(next, cancel); !ok) return tl::unexpected(ok.error());
        if (auto ok = count_values(next, same_maps ? &before : nullptr); !ok) return tl::unexpected(ok.error());
        if (auto ok = stage(next, before.stage, cancel); !ok) return tl::unexpected(ok.error());
        if (auto ok = compare(next, cancel); !ok) return tl::unexpected(ok.error());
        save(next);
        next.backend = backend_.name();  // saving may have left OpenGL
        last_ = next;
        last_.taken.reset();
        return next;
    }

    Expected<void> draw(Shown& next, bool same_maps, const Shown& before, const Cancel& cancel) {
        const Document& document = next.request.document;
        if (document.look.item < 0 || document.look.item >= next.output_shape.n)
            return fail("item {} is not there: the batch has items 0 to {}", document.look.item,
                        next.output_shape.n - 1);
        const auto stats = output_->activations->stats(document.look.item);
        next.stats.assign(stats.begin(), stats.end());
        Look look = document.look;
        auto shown = shown_channels(look, stats);
        if (!shown) return tl::unexpected(shown.error());
        for (const int c : *shown) next.ranges.push_back(channel_range(look, stats, *shown, c));
        next.channels = *shown;
        if (const auto& enlarged = next.request.view.enlarged) show_alone(*enlarged, look, next);

        const Size2 map{next.output_shape.h, next.output_shape.w};
        const int count = static_cast<int>(next.channels.size());
        next.look = fitted_look(look, next.request.view, map, count);
        next.layout = grid_layout(next.look, map, count);
        if (same_maps && before.picture && before.look == next.look) {
            next.picture = before.picture;
            return {};
        }
        Image memory = pictures_.take();
        auto image = output_->activations->render_grid(next.look, cancel, std::move(memory));
        if (!image) {
            pictures_.put_back(std::move(memory));
            return tl::unexpected(image.error());
        }
        next.picture = pictures_.share(std::move(*image));
        return {};
    }

    /// One channel, on the very scale that it has among the others.
    static void show_alone(int channel, Look& look, Shown& next) {
        const auto at = std::find(next.channels.begin(), next.channels.end(), channel);
        if (at == next.channels.end()) return;
        const Range range = next.ranges[static_cast<std::size_t>(at - next.channels.begin())];
        look = alone(look, channel, range);
        next.channels = {channel};
        next.ranges = {range};
    }

    void draw_kernels(Shown& next, const std::shared_ptr<const Image>& before) {
        const int layer = kernel_layer(output_->network, output_->plan.layer);
        if (layer < 0) return;
        const auto* conv = &std::get<Conv2d>(output_->network.layers[static_cast<std::size_t>(layer)].operation);
        next.weight = conv->weight;
        const int count = conv->weight->shape().n;
        next.kernel_columns = count <= 16 ? std::min(4, count) : 8;
        constexpr int most_pixels = 8192;
        const int rows = (conv->weight->shape().n + next.kernel_columns - 1) / next.kernel_columns;
        if (before) {
            next.kernels = before;
            return;
        }
        // Grey kernels are drawn as they are defined, not as they are spread over the colours.
        const auto own = own_kernels(next.request.document, output_->network, output_->plan.layer);
        const Tensor& weight = own ? *own->weight : *conv->weight;
        if (rows * weight.shape().h <= most_pixels && next.kernel_columns * weight.shape().w <= most_pixels)
            next.kernels = std::make_shared<const Image>(kernel_strip(weight, next.kernel_columns));
    }

    Expected<void> probe(Shown& next) const {
        const auto& spot = next.request.probe;
        const Shape& s = next.output_shape;
        if (!spot || spot->y < 0 || spot->x < 0 || spot->y >= s.h || spot->x >= s.w) return {};
        const auto column =
            output_->activations->read(next.request.document.look.item, {0, s.c}, {spot->x, spot->y, 1, 1});
        if (!column) return tl::unexpected(column.error());
        next.probed.assign(column->values().begin(), column->values().end());
        return {};
    }

    Expected<void> explain(Shown& next, const Cancel& cancel) {
        const auto& spot = next.request.explain;
        const Shape& s = next.output_shape;
        if (!spot || spot->channel >= s.c || spot->y >= s.h || spot->x >= s.w) return {};  // of the output before
        auto why = why_.make(*output_, next.input, *spot, backend_, cancel);
        if (!why) return tl::unexpected(why.error());
        next.why = std::move(*why);
        return {};
    }

    Expected<void> count_values(Shown& next, const Shown* before) const {
        const auto& channel = next.request.histogram;
        const Shape& s = next.output_shape;
        const int item = next.request.document.look.item;
        if (!channel || *channel >= s.c || s.plane() < 2) return {};
        if (before && before->request.histogram == channel && before->request.document.look.item == item) {
            next.histogram = before->histogram;
            return {};
        }
        const auto values = output_->activations->read(item, {*channel, 1}, {0, 0, s.w, s.h});
        if (!values) return tl::unexpected(values.error());
        const ChannelStats& stats = next.stats[static_cast<std::size_t>(*channel)];
        constexpr std::size_t parts = 64;
        next.histogram.assign(parts, 0.0F);
        const float width = stats.max - stats.min;
        for (const float v : values->values()) {
            const float at = width > 0 ? (v - stats.min) / width * static_cast<float>(parts) : 0;
            next.histogram[std::min(static_cast<std::size_t>(std::max(at, 0.0F)), parts - 1)] += 1;
        }
        return {};
    }

    Expected<void> stage(Shown& next, const Stage& before, const Cancel& cancel) {
        if (!next.request.stage) return {};
        auto made = make_stage(*output_, *next.request.stage, before, backend_, cancel);
        if (!made) return tl::unexpected(made.error());
        next.stage = std::move(*made);
        return {};
    }

    Expected<void> compare(Shown& next, const Cancel& cancel) {
        if (!next.request.compare) return {};
        auto made = comparer_.make(*output_, *next.request.compare, cancel);
        if (!made) return tl::unexpected(made.error());
        next.compared = std::move(*made);
        return {};
    }

    /// The path is written once, however many requests name it before the window has the answer.
    void save(Shown& next) {
        const auto report = [&](const std::string& path, const char* what, const Expected<void>& written) {
            (written ? next.note : next.save_error) =
                written ? fmt::format("saved {}", path)
                        : fmt::format("{} not saved: {}", what, written.error().message);
        };
        if (const auto& path = next.request.weights_path; path && path != saved_weights_) {
            saved_weights_ = path;
            report(*path, "the weights were", save_weights(*path, output_->network, next.kernels_title));
        }
        take(next);
    }

    /// Once, however many requests ask for it before the window has the answer.
    void take(Shown& next) {
        const auto& what = next.request.take;
        if (!what) return taken_.reset();
        if (!taken_ || taken_->what.number != what->number) {
            static const Typeface typeface(find_font());
            taken_ = std::make_shared<const Taken>(Taken{*what, prepared(what->order, typeface)});
        }
        next.taken = taken_;
    }

    /// What is to be written of what is on screen, from the CPU when OpenGL fails at it.
    Expected<Encode> prepared(const ExportOrder& order, const Typeface& typeface) {
        return backend_.guarded([&]() -> Expected<Encode> {
            auto output = evaluate(output_->document, backend_, Cancel(), &*output_);
            if (!output) return tl::unexpected(output.error());
            auto made = prepare_export(*output, order, backend_, typeface, Cancel());
            if (made) output_ = std::move(*output);
            return made;
        });
    }

    EitherBackend backend_;
    int measured_ = 0;
    std::optional<Output> output_;
    Spare<Image> pictures_;  ///< Of the grid.
    WhyMaker why_;
    Comparer comparer_;
    std::optional<std::string> saved_weights_;
    std::shared_ptr<const Taken> taken_;
    Shown last_;
};

}  // namespace

Look fitted_look(const Look& look, const GridView& view, Size2 map, int count) {
    Look fitted = look;
    count = std::max(count, 1);
    if (look.columns == 8 && count < 64) fitted.columns = best_columns(view.area, map, count, look.gap);
    const int columns = std::min(fitted.columns, count);
    const int rows = (count + columns - 1) / columns;
    const double width =
        fitting_width(view.area, map, columns, std::min(rows, 8), look.gap) * static_cast<double>(view.zoom);
    const int most_cell = 1 << 20;
    fitted.cell.w = std::clamp(static_cast<int>(width), 1, most_cell);
    fitted.cell.h = std::clamp(static_cast<int>(std::lround(width * map.h / map.w)), 1, most_cell);
    const GridLayout layout = grid_layout(fitted, map, count);
    const auto first = [](double extent, int area, float center) {
        if (extent <= area) return 0.0;
        return std::clamp(extent * static_cast<double>(center) - area / 2.0, 0.0, extent - area);
    };
    fitted.background = {0, 0, 0, 0};  // the theme shows between the cells
    fitted.region = Rect{static_cast<int>(first(layout.width(), view.area.w, view.center.x)),
                         static_cast<int>(first(layout.height(), view.area.h, view.center.y)),
                         std::min(view.area.w, layout.width()), std::min(view.area.h, layout.height())};
    return fitted;
}

std::function<std::optional<Expected<Shown>>(const ShowRequest&, const Cancel&)> make_show_job(
    const BackendOptions& options) {
    return [job = std::make_shared<ShowJob>(options)](const ShowRequest& request, const Cancel& cancel) {
        return (*job)(request, cancel);
    };
}

}  // namespace convlens
