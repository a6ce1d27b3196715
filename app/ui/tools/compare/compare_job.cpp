/// Runs document B, and draws the pages of the comparison: A and B, their difference, and A scaled to [0,1] with and
/// without parentheses.
#include "app/ui/tools/compare/compare_job.h"

#include <algorithm>
#include <cmath>

#include "app/assets.h"
#include "app/ui/language.h"
#include "app/ui/tools/grid/fit_display.h"

namespace convlens {
namespace {

/// Returns one fixed scale for all channels of A and B: `asked` if it is fixed; otherwise the minimum and the maximum
/// of all values, extended to be symmetric about zero if `asked` is symmetric. Returns nullopt if all values are equal.
std::optional<Scale> common_scale(const Scale& asked, std::span<const ChannelStats> a,
                                  std::span<const ChannelStats> b) {
    if (asked.mode == ScaleMode::fixed) return asked;
    Range all = a.empty() ? Range{} : Range{a[0].min, a[0].max};
    for (const auto side : {a, b})
        for (const ChannelStats& s : side) all = {std::min(all.lo, s.min), std::max(all.hi, s.max)};
    if (is_symmetric(asked.mode)) {
        const float most = std::max(std::abs(all.lo), std::abs(all.hi));
        all = {-most, most};
    }
    if (!(all.lo < all.hi)) return std::nullopt;
    return Scale{ScaleMode::fixed, all.lo, all.hi};
}

/// Draws feature maps as a grid that fits into request.area, with `scale` if there is one, otherwise with that of
/// `display`.
Expected<ComparePicture> grid_of(const Activations& maps, DisplayOptions display, const CompareRequest& request,
                                 const std::optional<Scale>& scale, const Cancel& cancel) {
    ComparePicture made;
    made.shape = maps.shape();
    if (display.item >= made.shape.n)
        return fail("item {} does not exist: the batch has items 0 to {}", display.item, made.shape.n - 1);
    const auto stats = maps.stats(display.item);
    display.sort = Sort::index;
    display.channels.clear();
    display.hide_dead = false;
    display.colormap = display.effective_colormap();
    if (scale) display.scale = *scale;
    auto channels = shown_channels(display, stats);
    if (!channels) return tl::unexpected(channels.error());
    made.channels = std::move(*channels);
    made.ranges = channel_ranges(display, stats, made.channels);
    if (const auto alone = request.channel; alone && *alone < made.shape.c) {
        const Range range = made.ranges[static_cast<std::size_t>(*alone)];
        if (range.lo < range.hi) display.scale = {ScaleMode::fixed, range.lo, range.hi};
        display.channels = made.channels = {*alone};
        made.ranges = {range};
    }
    const int count = static_cast<int>(made.channels.size());
    const Size2 map{made.shape.h, made.shape.w};
    if (map.h * map.w == 1 && count > 64) display.columns = 32;  // one value per channel: small cells in long rows
    made.display = fit_display(
        display, GridView{request.area, request.zoom, {request.center_x, request.center_y}, std::nullopt}, map, count);
    made.layout = grid_layout(made.display, map, count);
    auto image = maps.render_grid(made.display, cancel);
    if (!image) return tl::unexpected(image.error());
    made.picture = std::make_shared<const Image>(std::move(*image));
    return made;
}

std::string layer_name(const Output& output) {
    return output.plan.layers[static_cast<std::size_t>(output.plan.layer)].name;
}

/// Returns a sentence on how B's input differs from the input that B's weights or network expect; "" if it does not.
std::string input_difference(const Document& a, const Document& b) {
    Document own = b;
    own.input.normalize.reset();
    own.input.resize = a.input.resize;
    const auto words = [](Normalize how) {
        return tr(how == Normalize::none   ? "without normalization"
                  : how == Normalize::half ? "normalized as (x - 0.5) / 0.5"
                                           : "normalized as for ImageNet");
    };
    const auto* one = std::holds_alternative<ConvChain>(b.network) ? &b.kernels.bank : nullptr;
    const bool fresh =
        one && std::holds_alternative<RandomKernels>(*one);  // random kernels expect no particular normalization
    if (!fresh && effective_normalize(own) != effective_normalize(b))
        return tr_format("B expects pixels {}; here A and B both get pixels {}", words(effective_normalize(own)),
                         words(effective_normalize(b)));
    if (const auto size = effective_resize(b); size != effective_resize(a) && size)
        return tr_format("B's network gets the image resized to {}x{} pixels", size->w, size->h);
    return "";
}

/// Returns the position in feature maps of size `to` that corresponds to `position` in feature maps of size `from`. The
/// channel stays the same.
PixelPosition counterpart(const PixelPosition& position, const Shape& from, const Shape& to) {
    const auto along = [](int i, int n, int m) {
        return static_cast<int>((2 * std::int64_t{i} + 1) * m / (2 * std::int64_t{n}));
    };
    return {position.channel, along(position.y, from.h, to.h), along(position.x, from.w, to.w)};
}

bool within(const PixelPosition& position, const Shape& s) {
    return position.channel < s.c && position.y < s.h && position.x < s.w;
}

/// Returns the value at `position` of batch item `item`; nullopt if it does not exist.
Expected<std::optional<float>> value_at(const Activations& maps, int item, const PixelPosition& position) {
    if (!within(position, maps.shape()) || item >= maps.shape().n) return std::nullopt;
    const auto read = maps.read(item, {position.channel, 1}, {position.x, position.y, 1, 1});
    if (!read) return tl::unexpected(read.error());
    return read->at(0, 0, 0, 0);
}

/// Returns true if both requests have the same pictures: they differ at most in `point`, whose values are read
/// separately, or one asks for page A and the other for page B, which are drawn in the same size.
bool same_pictures(CompareRequest a, const CompareRequest& b) {
    a.point = b.point;
    if (a.page == ComparePage::b && b.page == ComparePage::a) a.page = ComparePage::a;
    if (a.page == ComparePage::a && b.page == ComparePage::b) a.page = ComparePage::b;
    return a == b;
}

}  // namespace

Expected<Compared> Comparer::make(const Output& a, const CompareRequest& request, const Cancel& cancel) {
    Compared next;
    if (last_ && last_document_ == a.document && last_a_.lock() == a.activations &&
        same_pictures(last_->request, request)) {
        next = *last_;
        next.request = request;
    } else {
        last_.reset();
        next.request = request;
        const auto drawn = request.page == ComparePage::normalized
                               ? draw_normalized(a, next, cancel)
                               : backend_.guarded([&] { return run_and_draw(a, next, cancel); });
        if (!drawn) return tl::unexpected(drawn.error());
    }
    if (auto ok = read_point(a, next); !ok) {
        last_.reset();  // the data on the GPU may be lost, so the next request runs B again
        return tl::unexpected(ok.error());
    }
    last_document_ = a.document;
    last_a_ = a.activations;
    last_ = next;
    return next;
}

Expected<void> Comparer::run_and_draw(const Output& a, Compared& next, const Cancel& cancel) {
    if (auto ok = run_target(a, next, cancel); !ok) {
        if (ok.error().canceled) return ok;
        next.error = ok.error().message;
        b_.reset();
    }
    if (auto ok = draw(a, next, cancel); !ok) return ok;
    return b_ ? draw_difference(a, next, cancel) : Expected<void>{};
}

Expected<void> Comparer::run_target(const Output& a, Compared& next, const Cancel& cancel) {
    const auto document = make_comparison_document(a.document, next.request.target, find_assets());
    if (!document) return tl::unexpected(document.error());
    auto output = backend_.guarded([&] { return evaluate(*document, backend_, cancel, b_ ? &*b_ : nullptr); });
    if (!output) return tl::unexpected(output.error());
    b_ = std::move(*output);
    next.note = input_difference(a.document, *document);
    return {};
}

Expected<void> Comparer::draw(const Output& a, Compared& next, const Cancel& cancel) {
    const DisplayOptions& display = a.document.display;
    const auto stats_a = a.activations->stats(display.item);
    std::optional<Scale> scale;
    if (next.request.one_scale)
        scale = common_scale(display.scale, stats_a,
                             b_ && display.item < b_->activations->shape().n ? b_->activations->stats(display.item)
                                                                             : std::span<const ChannelStats>{});
    const auto side = [&](const Output& output, ComparePicture& to) -> Expected<void> {
        auto made = grid_of(*output.activations, display, next.request, scale, cancel);
        if (!made) return tl::unexpected(made.error());
        to = std::move(*made);
        to.title = network_title(output.document);
        to.layer = layer_name(output);
        return {};
    };
    if (auto ok = side(a, next.a); !ok) return ok;
    return b_ ? side(*b_, next.b) : Expected<void>{};
}

Expected<void> Comparer::draw_difference(const Output& a, Compared& next, const Cancel& cancel) {
    const int item = a.document.display.item;
    auto subtracted = difference_of(*a.activations, *b_->activations, item);
    if (!subtracted) {
        next.no_difference = subtracted.error().message;
        return {};
    }
    next.largest = subtracted->largest;
    next.mean = subtracted->mean;
    next.equal = subtracted->equal;
    next.count = subtracted->values.size();
    const auto maps = as_activations(std::move(subtracted->values), cancel);
    if (!maps) return tl::unexpected(maps.error());
    const auto stats = (*maps)->stats(0);
    next.most = static_cast<int>(std::ranges::max_element(stats, {}, &ChannelStats::mean_abs) - stats.begin());
    if (next.request.page != ComparePage::difference) return {};
    DisplayOptions display = a.document.display;
    display.item = 0;
    display.scale = {next.request.one_scale ? ScaleMode::symmetric : ScaleMode::per_channel_symmetric, 0, 1};
    display.colormap = Colormap::coolwarm;
    auto made = grid_of(**maps, display, next.request, std::nullopt, cancel);
    if (!made) return tl::unexpected(made.error());
    next.difference = std::move(*made);
    return {};
}

Expected<void> Comparer::draw_normalized(const Output& a, Compared& next, const Cancel& cancel) {
    const Shape s = a.activations->shape();
    const auto maps = a.activations->read(a.document.display.item, {0, s.c}, {0, 0, s.w, s.h});
    if (!maps) return tl::unexpected(maps.error());
    UnitScaled scaled = unit_scaled(*maps);
    next.unit = std::move(scaled.channels);
    DisplayOptions display = a.document.display;
    display.item = 0;
    display.colormap = display.colormap.value_or(Colormap::viridis);
    display.mark_beyond = true;
    const auto side = [&](Tensor values, ComparePicture& to) -> Expected<void> {
        auto drawn = as_activations(std::move(values), cancel);
        if (!drawn) return tl::unexpected(drawn.error());
        auto made = grid_of(**drawn, display, next.request, Scale{ScaleMode::fixed, 0, 1}, cancel);
        if (!made) return tl::unexpected(made.error());
        made->title = network_title(a.document);
        made->layer = layer_name(a);
        to = std::move(*made);
        return {};
    };
    if (auto ok = side(std::move(scaled.intended), next.a); !ok) return ok;
    return side(std::move(scaled.unbracketed), next.b);
}

Expected<void> Comparer::read_point(const Output& a, Compared& next) const {
    next.value.reset();
    const auto& point = next.request.point;
    if (!point) return {};
    const int item = a.document.display.item;
    const Shape one = a.activations->shape();
    const bool two = next.request.page != ComparePage::normalized && b_;
    const Shape other = two ? b_->activations->shape() : one;
    if (!within(PixelPosition{0, point->position.y, point->position.x}, point->on_b ? other : one))
        return {};  // a position in earlier, larger feature maps
    ComparedValue value;
    value.a = point->on_b ? counterpart(point->position, other, one) : point->position;
    value.b = point->on_b ? point->position : counterpart(point->position, one, other);
    const auto read_a = value_at(*a.activations, item, value.a);
    if (!read_a) return tl::unexpected(read_a.error());
    value.value_a = *read_a;
    if (two) {
        const auto read_b = value_at(*b_->activations, item, value.b);
        if (!read_b) return tl::unexpected(read_b.error());
        value.value_b = *read_b;
    }
    next.value = value;
    return {};
}

/// Returns `values` as activations, which can be drawn and have statistics: the output of a Dropout layer, which does
/// not change its input.
Expected<std::shared_ptr<const Activations>> Comparer::as_activations(Tensor values, const Cancel& cancel) {
    if (!painter_) {
        auto made = make_cpu_backend(options_.cpu);
        if (!made) return tl::unexpected(made.error());
        painter_ = std::move(*made);
    }
    return painter_->forward(Network{{Layer{"values", Dropout{}}}}, std::make_shared<const Tensor>(std::move(values)),
                             0, cancel);
}

}  // namespace convlens
