/// Finds the strongest patches in the batch on screen and in series of pictures, and draws them.
#include "app/ui/tools/maximize/found_patches.h"

#include <algorithm>

#include "engine/document/evaluate.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

constexpr int least_side = 64;  ///< Of a patch in a grid, in pixels.
constexpr int per_picture = 2;  ///< Patches of a channel in one picture of a series.
constexpr auto between_drawings = std::chrono::milliseconds(300);

/// Draws the `each` strongest patches of `channels` channels from index `first` on.
Expected<CutPatches> cut(const StrongestPatches& found, std::size_t first, std::size_t channels, int each, int columns,
                         Size2& size) {
    const Tensor patches = found.patches(first, channels, each);
    size = {patches.shape().h, patches.shape().w};
    auto grid = picture_grid(patches, columns, least_side, {0, 0, 0, 0});
    if (!grid) return tl::unexpected(grid.error());
    CutPatches made{std::make_shared<const Image>(std::move(*grid)), {}, {}};
    for (std::size_t i = 0; i < channels; ++i) {
        const auto& places = found.places(first + i);
        const auto end = std::min(places.size(), static_cast<std::size_t>(each));
        made.places.insert(made.places.end(), places.begin(), places.begin() + static_cast<std::ptrdiff_t>(end));
        made.places.resize((i + 1) * static_cast<std::size_t>(each), StrongPlace{-1, 0, 0, 0, {}});
    }
    return made;
}

/// Finds the `count` strongest patches of each of `channels` in all images of the output.
Expected<CutPatches> cut_patches(const Output& output, const std::vector<int>& channels, int count, int columns,
                                 Size2& size, const Cancel& cancel) {
    const int items = output.activations->shape().n;
    StrongestPatches found(channels, count, std::max(2, (count + items - 1) / items));
    for (int item = 0; item < items; ++item) {
        if (cancel.requested()) return canceled();
        if (auto ok = found.add(item, output.network, *output.input, output.plan.layer, *output.activations, item,
                                effective_normalize(output.document));
            !ok)
            return tl::unexpected(ok.error());
    }
    return cut(found, 0, channels.size(), count, columns, size);
}

}  // namespace

Expected<FoundPatches> patches_in(const Output& output, const std::vector<int>& channels, std::optional<int> selected,
                                  const Cancel& cancel) {
    FoundPatches to;
    auto best = cut_patches(output, channels, 1, maximize_columns, to.patch, cancel);
    if (best && selected && *selected < output.activations->shape().c) {
        auto nine = cut_patches(output, {*selected}, strongest_patches, 3, to.patch, cancel);
        if (!nine) best = tl::unexpected(nine.error());
        if (nine) to.of_selected = std::move(*nine), to.selected = *selected;
    }
    if (!best && best.error().canceled) return tl::unexpected(best.error());
    if (best)
        to.best = std::move(*best), to.channels = channels;
    else
        to.error = best.error().message;
    return to;
}

bool PatchesJob::give_up(std::string why) {
    view_.found = {};
    view_.found.error = std::move(why);
    return false;
}

void PatchesJob::set(PatchesTask task) {
    PatchesTask before = task_;
    before.selected = task.selected;
    const bool same = before == task, same_series = task.path == task_.path;
    task_ = std::move(task);
    if (same) return draw();
    if (!same_series) series_.reset();
    strongest_.reset();
    view_ = {};
}

void PatchesJob::draw() {
    drawn_ = Clock::now();
    if (!strongest_ || view_.done == view_.skipped) return;
    FoundPatches& to = view_.found;
    auto best = cut(*strongest_, 0, task_.channels.size(), 1, maximize_columns, to.patch);
    Expected<CutPatches> nine;
    const auto at = task_.selected ? std::ranges::find(task_.channels, *task_.selected) : task_.channels.end();
    if (at != task_.channels.end())
        nine =
            cut(*strongest_, static_cast<std::size_t>(at - task_.channels.begin()), 1, strongest_patches, 3, to.patch);
    for (auto* made : {&best, &nine}) {
        if (!*made) {
            give_up(made->error().message);
            return;
        }
        for (const StrongPlace& place : (*made)->places)
            (*made)->pictures.push_back(place.image < 0 ? SeriesPicture() : series_->at(place.image));
    }
    to.best = std::move(*best), to.of_selected = std::move(*nine);
    to.channels = task_.channels;
    to.selected = task_.selected.value_or(0);
}

Expected<void> PatchesJob::look_into(int index) {
    auto input = series_->read(index, stop_.cancel());
    if (!input) return fail("{}: {}", series_->at(index).title, input.error().message);
    Document document = task_.document;
    document.input.source = std::move(*input);
    auto output = evaluate(document, *backend_, stop_.cancel(), last_ ? &*last_ : nullptr);
    if (!output) return fail("{}: {}", series_->at(index).title, output.error().message);
    last_ = std::move(*output);
    auto added = strongest_->add(index, last_->network, *last_->input, last_->plan.layer, *last_->activations, 0,
                                 effective_normalize(document));
    if (!added) give_up(added.error().message);  // no other picture fares better
    return {};
}

bool PatchesJob::step() {
    if (!view_.found.error.empty()) return false;
    if (!backend_) {
        auto made = make_cpu_backend(cpu_);
        if (!made) return give_up(made.error().message);
        backend_ = std::move(*made);
    }
    if (!series_) {
        auto opened = PictureSeries::open(task_.path, stop_.cancel());
        if (!opened) return give_up(opened.error().message);
        series_.emplace(std::move(*opened));
    }
    if (!strongest_) strongest_.emplace(task_.channels, strongest_patches, per_picture);
    if (view_.done < series_->count()) {
        const auto ok = look_into(view_.done);
        if (stop_.cancel().requested()) return false;
        if (!view_.found.error.empty()) return false;
        if (!ok && view_.done < series_->count() && view_.skipped++ == 0) view_.complaint = ok.error().message;
        if (ok || view_.done < series_->count()) ++view_.done;  // a video may end before its last frame
    }
    view_.total = series_->count();  // of a video, it is known at its end
    const bool last = view_.done >= view_.total;
    if (last && view_.done == view_.skipped) return give_up(view_.complaint);
    if (last || Clock::now() - drawn_ > between_drawings) draw();
    return !last;
}

}  // namespace convlens
