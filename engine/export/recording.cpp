/// Draws the frames of recordings.
#include "engine/export/recording.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/explain/explain_picture.h"
#include "engine/view/grid.h"

namespace convlens {
namespace {

constexpr int usual_frames = 60, usual_window_frames = 150;
constexpr double usual_rate = 20, usual_whole_rate = 2;

bool only_whole(const std::vector<Sweep>& sweeps) {
    return std::ranges::all_of(sweeps, [](const Sweep& s) {
        const SweepNumber* number = find_sweep(s.name);
        return number && number->whole;
    });
}

/// Returns the size of the cells for which the grid of `output` has about `size` pixels, without its annotations.
Size2 cell_for(const Output& output, Size2 size) {
    const DisplayOptions& display = output.document.display;
    const Shape s = output.activations->shape();
    const auto channels = shown_channels(display, output.activations->stats(display.item));
    const int count = channels ? static_cast<int>(channels->size()) : 1;
    const GridLayout layout = grid_layout(display, {s.h, s.w}, count);
    const int columns = layout.columns, rows = (count + columns - 1) / std::max(columns, 1);
    const double wide = static_cast<double>(size.w - display.gap) / columns - display.gap,
                 high = static_cast<double>(size.h - display.gap) / std::max(rows, 1) - display.gap;
    const double scale = std::min(wide / s.w, high / s.h);
    return {std::max(1, static_cast<int>(scale * s.h)), std::max(1, static_cast<int>(scale * s.w))};
}

/// Returns the number of columns for which the cells are largest in `size`.
int columns_for(const Output& output, Size2 size) {
    Output tried = output;
    const auto area = [&](int columns) {
        tried.document.display.columns = columns;
        const Size2 cell = cell_for(tried, size);
        return std::int64_t{cell.h} * cell.w;
    };
    int best = 1;
    for (int columns = 2; columns <= std::min(output.activations->shape().c, 256); ++columns)
        if (area(columns) > area(best)) best = columns;
    return best;
}

/// Returns the input as the file of a stream; nullopt if it is none.
std::optional<FramePath> stream_of(const Document& document) {
    const auto* input = std::get_if<PictureInput>(&document.input.source);
    if (!input || input->pictures.size() != 1 || !input->pictures.front().origin.is_file()) return std::nullopt;
    return split_frame(input->pictures.front().origin.path());
}

}  // namespace

Recording::Recording(Document document, RecordOrder order, std::filesystem::path path, const Typeface& typeface,
                     RecordedMoments moments, Existing existing)
    : document_(std::move(document)),
      order_(std::move(order)),
      path_(std::move(path)),
      existing_(existing),
      typeface_(&typeface),
      made_(std::move(moments)) {
    if (order_.annotations.paper == Paper::transparent) order_.annotations.paper = Paper::white;
}
Recording::Recording(Recording&&) noexcept = default;
Recording& Recording::operator=(Recording&&) noexcept = default;
Recording::~Recording() = default;

Expected<void> Recording::choose_moments(const Cancel& cancel) {
    if (order_.what == Recorded::sweep) {
        if (order_.sweeps.empty()) return fail("nothing moves: name a number to sweep");
        const bool whole = only_whole(order_.sweeps);
        double values = 0;
        for (const Sweep& s : order_.sweeps) values = std::max(values, std::abs(s.to - s.from) + 1);
        const double count = order_.frames ? *order_.frames : whole ? std::floor(values) : usual_frames;
        if (!(count >= 1 && count <= max_recorded_frames))
            return fail("a recording has 1 to {} frames, not {}", max_recorded_frames, count);
        for (int i = 0; i < static_cast<int>(count); ++i) moments_.push_back(count > 1 ? i / (count - 1) : 0);
        rate_ = order_.rate.value_or(whole ? usual_whole_rate : usual_rate);
        return {};
    }
    if (order_.what == Recorded::window) {
        const Shape s = base_->activations->shape();
        if (order_.channel < 0 || order_.channel >= s.c)
            return fail("channel {} does not exist: the layer has channels 0 to {}", order_.channel, s.c - 1);
        const double values = static_cast<double>(s.plane());
        step_ =
            std::max(1, static_cast<int>(std::ceil(std::sqrt(values / order_.frames.value_or(usual_window_frames)))));
        if (values / step_ / step_ > max_recorded_frames)
            return fail("a recording has 1 to {} frames, not {}", max_recorded_frames, values / step_ / step_);
        for (int y = 0; y < s.h; y += step_)
            for (int x = 0; x < s.w; x += step_) moments_.push_back(static_cast<double>(y) * s.w + x);
        rate_ = order_.rate.value_or(usual_rate);
        return {};
    }
    if (order_.what == Recorded::moments) {
        if (made_.count < 1) return fail("nothing was trained that the grid shows: begin a lesson");
        const int count = std::min(order_.frames.value_or(usual_frames), made_.count);
        for (int i = 0; i < count; ++i)
            moments_.push_back(count > 1 ? std::round(static_cast<double>(i) * (made_.count - 1) / (count - 1))
                                         : made_.count - 1);
        rate_ = order_.rate.value_or(usual_rate);
        return {};
    }
    const auto stream = stream_of(document_);
    if (stream) {
        auto frames = Frames::open(stream->file, cancel);
        if (!frames) return tl::unexpected(frames.error());
        input_ = std::move(*frames);
        stream_ = *stream;
    }
    const int all = input_ ? input_->count() : 0;
    if (all < 2)
        return fail("the input is {}: expected a video, an animation or numbered pictures",
                    input_title(document_.input));
    if (order_.first < 0 || order_.first >= all)
        return fail("there is no frame {}: {} has frames 0 to {}", order_.first, input_title(document_.input), all - 1);
    const int count = std::min({order_.frames.value_or(all), all - order_.first, max_recorded_frames});
    for (int i = 0; i < count; ++i) moments_.push_back(order_.first + i);
    rate_ = order_.rate.value_or(1 / std::max(input_->duration(order_.first), 0.001));
    return {};
}

/// Finds the size of the cells for the size that was asked for, and that of the pictures. Both stay, whatever moves.
Expected<void> Recording::choose_size(Backend& backend, const Cancel& cancel) {
    const Shape s = base_->activations->shape();
    cell_ = base_->document.display.cell == Size2{} ? Size2{s.h, s.w} : base_->document.display.cell;
    if (order_.what == Recorded::window) {
        // Numbers of other lengths make other widths.
        for (const double t : {0.0, 0.5, 1.0}) {
            const auto at = static_cast<std::size_t>(t * static_cast<double>(moments_.size() - 1));
            const auto image = draw_window(static_cast<int>(moments_[at]), backend, cancel);
            if (!image) return tl::unexpected(image.error());
            size_ = {std::max(size_.h, image->height), std::max(size_.w, image->width)};
        }
        if (order_.size != Size2{}) size_ = order_.size;
        size_ = movie_size(path_, size_);
        return {};
    }
    if (order_.size != Size2{}) {
        cell_ = {1, 1};  // what the first picture shows is not known before it has been computed
        if (const auto first = draw_grid(moments_.front(), backend, cancel); !first)
            return tl::unexpected(first.error());
        const int columns = columns_for(*last_, order_.size);
        for (Document* document : {&document_, &base_->document, &last_->document}) document->display.columns = columns;
        cell_ = cell_for(*last_, order_.size);
    }
    auto image = draw_grid(moments_.front(), backend, cancel);
    if (!image) return tl::unexpected(image.error());
    size_ = order_.size == Size2{} ? Size2{image->height, image->width} : order_.size;
    // Title and colorbar take some rows, whose number depends on the width.
    int rows = 0;
    for (int i = 0; i < 3 && image->height > size_.h; ++i) {
        rows += image->height - size_.h;
        cell_ = cell_for(*last_, {size_.h - rows, size_.w});
        image = draw_grid(moments_.front(), backend, cancel);
        if (!image) return tl::unexpected(image.error());
    }
    size_ = movie_size(path_, size_);
    return {};
}

Expected<void> Recording::prepare(Backend& backend, const Cancel& cancel) {
    if (!is_movie(path_))
        return fail(
            "{}: expected a name that ends in .gif, .mp4, .webm or .y4m, or numbered pictures as in "
            "frame_%03d.png",
            path_.filename().string());
    if (order_.frames && (*order_.frames < 1 || *order_.frames > max_recorded_frames))
        return fail("a recording has 1 to {} frames, not {}", max_recorded_frames, *order_.frames);
    auto base = evaluate(document_, backend, cancel);
    if (!base) return tl::unexpected(base.error());
    const int items = base->activations->shape().n, item = document_.display.item;
    if (item < 0 || item >= items) return fail("item {} does not exist: the batch has items 0 to {}", item, items - 1);
    base_ = std::move(*base);
    last_.reset();
    moments_.clear();
    size_ = {};
    if (auto ok = choose_moments(cancel); !ok) return ok;
    if (auto ok = choose_size(backend, cancel); !ok) return ok;
    if (std::max(size_.h, size_.w) > max_picture_side)
        return fail("pictures of {} x {} pixels: at most {} per side", size_.w, size_.h, max_picture_side);
    if (order_.back)
        for (std::size_t i = moments_.size(); i-- > 1;) moments_.push_back(moments_[i - 1]);
    if (order_.back && moments_.size() > 2) moments_.pop_back();  // the first frame follows again
    auto file = MovieFile::create(path_, size_, rate_, existing_);
    if (!file) return tl::unexpected(file.error());
    file_ = std::move(*file);
    return {};
}

std::string Recording::title_at(double moment) const {
    std::string title = order_.annotations.title;
    if (!order_.caption) return title;
    const auto add = [&](const std::string& text) { title += (title.empty() ? "" : ", ") + text; };
    if (order_.what == Recorded::frames) add(fmt::format("frame {}", moment));
    if (order_.what == Recorded::moments) add(made_.caption(static_cast<int>(moment)));
    for (const Sweep& s : order_.sweeps) {
        if (order_.what != Recorded::sweep) break;
        const SweepNumber* number = find_sweep(s.name);
        add(number && number->whole ? fmt::format("{} {}", s.name, s.at(moment))
                                    : fmt::format("{} {:.1f}", s.name, s.at(moment)));
    }
    return title;
}

Expected<Image> Recording::draw_grid(double moment, Backend& backend, const Cancel& cancel) {
    Document document = document_;
    if (order_.what == Recorded::sweep) {
        auto moved = swept(*base_, order_.sweeps, moment);
        if (!moved) return tl::unexpected(moved.error());
        document = std::move(*moved);
    } else if (order_.what == Recorded::moments) {
        document = made_.document(document, static_cast<int>(moment));
    } else {
        stream_.frame = static_cast<int>(moment);
        auto picture = input_->read(stream_, cancel);
        if (!picture) return tl::unexpected(picture.error());
        std::get<PictureInput>(document.input.source).pictures.front().picture = std::move(*picture);
    }
    document.display.cell = cell_;
    document.display.region.reset();
    auto output = evaluate(document, backend, cancel, last_ ? &*last_ : &*base_);
    if (!output) return fail("{}: {}", title_at(moment), output.error().message);
    last_ = std::move(*output);
    Annotations annotations = order_.annotations;
    annotations.title = title_at(moment);
    auto grid = export_grid(*last_, annotations, *typeface_, cancel);
    if (!grid || order_.what != Recorded::moments || made_.loss.x.empty() || !order_.caption) return grid;
    return with_loss(*grid, static_cast<int>(moment));
}

/// Returns the grid with the curve of the loss up to a moment below it.
Image Recording::with_loss(const Image& grid, int index) const {
    const ChartCurve& loss = made_.loss;
    double most = 0;
    for (const double value : loss.y)
        if (std::isfinite(value)) most = std::max(most, value);
    Chart chart{"", {0, std::max(loss.x.back(), 1.0), "step"}, {0, most > 0 ? most : 1.0, "loss"}, {loss}};
    ChartCurve& curve = chart.curves.front();
    curve.color = curve_color(0, 1);
    const auto shown = static_cast<std::size_t>(
        std::ranges::upper_bound(curve.x, static_cast<double>(made_.step(index))) - curve.x.begin());
    curve.x.resize(shown);
    curve.y.resize(shown);
    int height = std::clamp(grid.width / 5, 120, 400);
    if (order_.size.h > 0) height = std::min(height, order_.size.h / 3);
    if (height < 60) return grid;  // no room for axes
    const Paper paper = order_.annotations.paper;
    Image both(grid.width, grid.height + height, paper_colors(paper).paper);
    paste(both, grid, 0, 0);
    paste(both, chart_image(chart, {height, grid.width}, *typeface_, paper), 0, grid.height);
    return both;
}

Expected<Image> Recording::draw_window(int index, Backend& backend, const Cancel& cancel) {
    const Output& o = *base_;
    const Shape s = o.activations->shape();
    const PixelPosition position{order_.channel, index / s.w, index % s.w};
    const auto e = explain(o.network, o.input, o.plan.layer, o.document.display.item, position, backend, cancel);
    if (!e) return tl::unexpected(e.error());
    const int side = std::clamp(order_.pixels * 6, 160, 1024);
    const Image small = input_thumbnail(o, side);
    const int scale = std::max(1, side / std::max(small.width, small.height));
    Image input(small.width * scale, small.height * scale);
    paste(input, small, 0, 0, scale);
    const Shape in = o.input->shape();
    // The map has the colors that it has in the grid.
    const DisplayOptions& shown = o.document.display;
    const auto stats = o.activations->stats(shown.item);
    auto channels = shown_channels(shown, stats);
    if (!channels) return tl::unexpected(channels.error());
    auto at = std::ranges::find(*channels, order_.channel);
    if (at == channels->end()) {
        channels->assign({order_.channel});
        at = channels->begin();
    }
    const Range range = channel_ranges(shown, stats, *channels)[static_cast<std::size_t>(at - channels->begin())];
    DisplayOptions display = alone(shown, order_.channel, range);
    display.gap = 0;
    const double zoom = static_cast<double>(side) / std::max(s.h, s.w);
    display.cell = {std::max(1, static_cast<int>(std::lround(s.h * zoom))),
                    std::max(1, static_cast<int>(std::lround(s.w * zoom)))};
    auto map = o.activations->render_grid(display, cancel);
    if (!map) return tl::unexpected(map.error());
    // Values that are still to come are not drawn yet.
    const Rgba empty = paper_colors(order_.annotations.paper).faint;
    const auto edge = [](int value, int values, int pixels) {
        return static_cast<int>(std::int64_t{std::min(value, values)} * pixels / std::max(values, 1));
    };
    const int top = edge(position.y, s.h, map->height), next = edge(position.y + step_, s.h, map->height),
              right = edge(position.x + step_, s.w, map->width);
    fill(*map, {right, top, map->width - right, next - top}, empty);
    fill(*map, {0, next, map->width, map->height - next}, empty);
    const std::vector<MapPicture> maps{
        {fmt::format("input {} x {} x {}", in.c, in.h, in.w), std::move(input), {in.h, in.w}, e->boxes.front()},
        {fmt::format("{} [{}] {} x {}", o.plan.layers[static_cast<std::size_t>(o.plan.layer)].name, order_.channel, s.h,
                     s.w),
         std::move(*map),
         {s.h, s.w},
         {position.x, position.y, 1, 1}}};
    const int input_channels = e->depth == 0 ? in.c : o.numbers.layers[e->depth - 1].output.c;
    return explanation_picture(*e, input_channels, maps, {order_.pixels, order_.annotations.paper}, *typeface_);
}

Expected<Image> Recording::draw(double moment, Backend& backend, const Cancel& cancel) {
    auto drawn = order_.what == Recorded::window ? draw_window(static_cast<int>(moment), backend, cancel)
                                                 : draw_grid(moment, backend, cancel);
    if (!drawn || (drawn->height == size_.h && drawn->width == size_.w)) return drawn;
    Image image(size_.w, size_.h, paper_colors(order_.annotations.paper).paper);
    const bool centered = order_.what != Recorded::window && order_.size != Size2{};
    paste(image, *drawn, centered ? std::max(0, (size_.w - drawn->width) / 2) : 0,
          centered ? std::max(0, (size_.h - drawn->height) / 2) : 0);
    return image;
}

Expected<bool> Recording::step(Backend& backend, const Cancel& cancel) {
    if (!file_)
        if (auto ok = prepare(backend, cancel); !ok) return tl::unexpected(ok.error());
    if (cancel.requested()) return canceled();
    if (done_ == frames()) {
        auto written = file_->finish(cancel);
        if (!written) return tl::unexpected(written.error());
        path_ = *written;
        lossless_ = file_->lossless();
        file_.reset();
        return false;
    }
    const auto image = draw(moments_[static_cast<std::size_t>(done_)], backend, cancel);
    if (!image && input_ && done_ > 0 && moments_[static_cast<std::size_t>(done_)] >= input_->count()) {
        moments_.resize(static_cast<std::size_t>(done_));  // the video is shorter than its duration says
        return true;
    }
    if (!image) return tl::unexpected(image.error());
    if (auto ok = file_->add(*image, cancel); !ok) return tl::unexpected(ok.error());
    ++done_;
    return true;
}

}  // namespace convlens
