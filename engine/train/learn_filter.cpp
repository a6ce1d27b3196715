/// Lesson 1: crops of an image, and the outputs of the target filter on them.
#include <algorithm>
#include <random>

#include "engine/core/color.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/train/trainer.h"

namespace convlens {
namespace {

/// Maximum number of rows and columns of the filter to learn.
constexpr int max_kernel = 31;

Tensor prepared(const Tensor& picture, int channels) {
    const Shape s = picture.shape();
    Tensor result({1, channels, s.h, s.w});
    for (int c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < s.plane(); ++i) {
            const auto at = [&](int from) { return picture.plane(0, from)[i]; };
            result.plane(0, c)[i] = channels == 1 ? luminance(at(0), at(1), at(2)) : at(c);
        }
    return result;
}

}  // namespace

Expected<TrainingTask> learn_filter_task(const Tensor& picture, const Tensor& kernel, std::uint32_t seed, int count,
                                         int size) {
    const Shape k = kernel.shape(), s = picture.shape();
    if (k.n != 1 || (k.c != 1 && k.c != 3) || k.h < 1 || k.w < 1 || k.h > max_kernel || k.w > max_kernel)
        return fail(
            "the filter to learn is {}: expected one kernel with 1 or 3 input channels and at most {} rows and columns",
            to_string(k), max_kernel);
    const int crop = std::max({size, k.h + 7, k.w + 7});
    if (s.h < crop || s.w < crop)
        return fail("the picture is {}x{}: expected at least {} pixels per side to learn a filter from", s.w, s.h,
                    crop);
    const Tensor image = prepared(picture, k.c);
    const auto [low, high] = std::minmax_element(image.data(), image.data() + image.size());
    if (*high - *low < 1e-3F) return fail("the picture has only one color: nothing can be learned from it");

    DataSet data;
    data.title = "crops of the picture";
    data.item = {1, k.c, crop, crop};
    std::mt19937 random(seed);
    const auto draw = [&](int below) {
        return static_cast<int>((static_cast<std::uint64_t>(random()) * static_cast<std::uint64_t>(below)) >> 32U);
    };
    Tensor crops({count, k.c, crop, crop});
    for (int n = 0; n < count; ++n) {
        const int top = draw(s.h - crop + 1), left = draw(s.w - crop + 1);
        for (int c = 0; c < k.c; ++c)
            for (int y = 0; y < crop; ++y) std::copy_n(&image.at(0, c, top + y, left), crop, &crops.at(n, c, y, 0));
    }
    data.values = CountedVector<float>(crops.data(), crops.data() + crops.size());
    for (float& v : crops.values()) v = (v - 0.5F) / 0.5F;
    const Conv2d hidden{{}, std::make_shared<const Tensor>(kernel.clone()), nullptr};
    data.targets = Tensor({count, 1, crop - k.h + 1, crop - k.w + 1});
    conv2d_forward(hidden, crops, available_simd().front(), Cancel(), data.targets);

    TrainingTask task;
    task.title = "Learn this filter";
    task.architecture = {
        "one filter", std::nullopt, Normalize::half, {{"conv1", Conv2dSpec{k.c, 1, {k.h, k.w}, {}, false}}}};
    task.loss = Loss::mse;
    task.data.training = std::make_shared<const DataSet>(std::move(data));
    task.seed = seed;
    return task;
}

TrainingOptions learn_filter_options() {
    TrainingOptions options;
    options.optimizer = {Optimizer::adam, 0.01F, 0.0F, 0.0F};
    options.batch_size = 32;
    options.steps = 20000;
    return options;
}

}  // namespace convlens
