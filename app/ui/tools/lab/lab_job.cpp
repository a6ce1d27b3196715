/// Runs the lab's layers and draws their outputs.
#include "app/ui/tools/lab/lab_job.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "engine/view/colormap.h"

namespace convlens {
namespace {

float largest_magnitude(const Tensor& map) {
    float largest = 0;
    for (const float v : map.values()) largest = std::max(largest, std::abs(v));
    return largest;
}

/// Draws `map` with one pixel per value; `lo` and `hi` get the first and the last color of the colormap.
std::shared_ptr<const Image> painted(const Tensor& map, Colormap colormap, float lo, float hi) {
    const auto table = colors(colormap);
    auto image = std::make_shared<Image>(map.shape().w, map.shape().h);
    for (std::size_t i = 0; i < map.size(); ++i) {
        const float unit = hi > lo ? (map.values()[i] - lo) / (hi - lo) : 0.5F;
        std::ranges::copy(table[static_cast<std::size_t>(color_index(unit))],
                          image->rgba.begin() + static_cast<std::ptrdiff_t>(4 * i));
    }
    return image;
}

/// Makes a panel of the outputs for the unshifted (`before`) and the shifted (`after`) image. `comparable`: one row or
/// column of the image is one row or column of the output, so LabPanel::back is set.
LabPanel panel(const Tensor& before, Tensor after, Size2 shift, bool comparable) {
    LabPanel made;
    made.range = largest_magnitude(before);
    made.picture = painted(after, Colormap::coolwarm, -made.range, made.range);
    if (comparable) made.back = after_shifting_back(before, after, shift);
    made.values = std::make_shared<const Tensor>(std::move(after));
    return made;
}

class LabJob {
  public:
    explicit LabJob(const CpuOptions& options) : backend_(make_cpu_backend(options)) {}

    std::optional<Expected<LabShown>> operator()(const LabRequest& request, const Cancel& cancel) {
        try {
            auto result = show(request, cancel);
            if (!result && result.error().canceled) return std::nullopt;
            return result;
        } catch (const std::bad_alloc&) {
            return fail("there is not enough memory for the lab: use a smaller image");
        }
    }

  private:
    Expected<LabShown> show(const LabRequest& request, const Cancel& cancel) {
        if (!backend_) return tl::unexpected(backend_.error());
        const LabSetup& setup = request.setup;
        if (!layers_ || layers_->setup != setup) layers_ = make_lab_layers(setup);
        const Tensor still = request.picture ? lab_picture(*request.picture, setup.side) : lab_digit(setup.side);
        Tensor moved = shifted(still, request.shift);
        auto before = run_lab(*layers_, still, **backend_, cancel);
        if (!before) return tl::unexpected(before.error());
        auto after = run_lab(*layers_, moved, **backend_, cancel);
        if (!after) return tl::unexpected(after.error());

        const auto square = [](int side) {
            return static_cast<std::uint64_t>(side) * static_cast<std::uint64_t>(side);
        };
        LabShown shown;
        shown.request = request;
        shown.layers = *layers_;
        shown.costs = lab_costs(square(setup.side), square(setup.out_side()), square(setup.kernel_size));
        shown.same = std::ranges::equal(after->local.values(), after->conv.values());
        shown.conv_stayed = in_place(before->conv, after->conv);
        shown.pooled_stayed = in_place(before->pooled, after->pooled);
        shown.full = panel(before->full, std::move(after->full), request.shift, true);
        shown.local = panel(before->local, std::move(after->local), request.shift, true);
        shown.conv = panel(before->conv, std::move(after->conv), request.shift, true);
        shown.pooled = panel(before->pooled, std::move(after->pooled), request.shift, false);
        shown.picture = painted(moved, Colormap::gray, 0, 1);
        shown.image = std::make_shared<const Tensor>(std::move(moved));
        return shown;
    }

    Expected<std::unique_ptr<Backend>> backend_;
    std::optional<LabLayers> layers_;
};

}  // namespace

std::function<std::optional<Expected<LabShown>>(const LabRequest&, const Cancel&)> make_lab_job(
    const CpuOptions& options) {
    return [job = std::make_shared<LabJob>(options)](const LabRequest& request, const Cancel& cancel) {
        return (*job)(request, cancel);
    };
}

}  // namespace convlens
