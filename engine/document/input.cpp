/// Converts images and patterns to the tensor that enters the network.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/color.h"
#include "engine/document/document.h"
#include "engine/document/embedded.h"
#include "engine/io/resize.h"

namespace convlens {
namespace {

/// Maximum number of values of a batch (4 GiB as float32).
constexpr std::size_t max_input_values = std::size_t{1} << 30;

/// Where tensors come from: new memory, or a pool.
struct Source {
    ObjectPool<Tensor>* pool = nullptr;

    /// Returns a tensor with unspecified values.
    Tensor make(const Shape& shape) const {
        Tensor made = pool ? pool->take() : Tensor();
        made.reshape(shape);
        return made;
    }
    std::shared_ptr<const Tensor> share(Tensor made) const {
        return pool ? pool->share(std::move(made)) : std::make_shared<const Tensor>(std::move(made));
    }
};

/// One batch item during preprocessing, (1, C, H, W), and its name for messages. A picture that no step changes is not
/// copied.
struct Item {
    std::string name;
    std::shared_ptr<const Tensor> tensor;
    Source memory;

    void set(Tensor next) { tensor = memory.share(std::move(next)); }
};

std::shared_ptr<const Tensor> composited(const std::shared_ptr<const Picture>& shared, Rgba background,
                                         const Source& memory) {
    const Picture& picture = *shared;
    if (picture.alpha.empty()) return {shared, &picture.color};
    Tensor result = memory.make(picture.color.shape());
    std::ranges::copy(picture.color.values(), result.data());
    for (int c = 0; c < 3; ++c) {
        const float behind = static_cast<float>(background[static_cast<std::size_t>(c)]) / 255.0F;
        const auto plane = result.plane(0, c);
        for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = behind + (plane[i] - behind) * picture.alpha[i];
    }
    return memory.share(std::move(result));
}

Expected<void> crop(Item& item, const Rect& area) {
    const Shape s = item.tensor->shape();
    if (area.x < 0 || area.y < 0 || area.w < 1 || area.h < 1 || area.x > s.w - area.w || area.y > s.h - area.h)
        return fail("crop {}x{}+{}+{} does not lie inside {}, which is {}x{}", area.w, area.h, area.x, area.y,
                    item.name, s.w, s.h);
    Tensor result = item.memory.make({1, s.c, area.h, area.w});
    for (int c = 0; c < s.c; ++c)
        for (int y = 0; y < area.h; ++y)
            std::copy_n(&item.tensor->at(0, c, area.y + y, area.x), area.w, &result.at(0, c, y, 0));
    item.set(std::move(result));
    return {};
}

Expected<void> resize(Item& item, Size2 size) {
    if (size == Size2{item.tensor->shape().h, item.tensor->shape().w}) return {};
    const Shape& s = item.tensor->shape();
    Tensor result = item.memory.make({s.n, s.c, 0, 0});
    auto ok = resize_into(*item.tensor, size, item.name, result);
    if (ok) item.set(std::move(result));
    return ok;
}

void shift(Item& item, Size2 by) {
    if (by == Size2{}) return;
    const Shape s = item.tensor->shape();
    Tensor result = item.memory.make(s);
    std::ranges::fill(result.values(), 0.0F);
    for (int c = 0; c < s.c; ++c)
        for (int y = std::max(0, by.h); y < std::min(s.h, s.h + by.h); ++y)
            for (int x = std::max(0, by.w); x < std::min(s.w, s.w + by.w); ++x)
                result.at(0, c, y, x) = item.tensor->at(0, c, y - by.h, x - by.w);
    item.set(std::move(result));
}

void make_gray(Item& item, int channels) {
    const Shape s = item.tensor->shape();
    Tensor result = item.memory.make({1, channels, s.h, s.w});
    const auto r = item.tensor->plane(0, 0), g = item.tensor->plane(0, 1), b = item.tensor->plane(0, 2);
    const auto to = result.plane(0, 0);
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = luminance(r[i], g[i], b[i]);
    for (int c = 1; c < channels; ++c) std::copy(to.begin(), to.end(), result.plane(0, c).begin());
    item.set(std::move(result));
}

void normalize(Item& item, Normalize how) {
    if (how == Normalize::none) return;
    const int channels = item.tensor->shape().c;
    Tensor result = item.memory.make(item.tensor->shape());
    for (int c = 0; c < channels; ++c)
        std::ranges::transform(item.tensor->plane(0, c), result.plane(0, c).begin(), levels_of(how, c, channels));
    item.set(std::move(result));
}

Expected<void> prepare(Item& item, const Document& document) {
    const Input& input = document.input;
    if (input.crop)
        if (auto ok = crop(item, *input.crop); !ok) return ok;
    if (const auto size = effective_resize(document))
        if (auto ok = resize(item, *size); !ok) return ok;
    shift(item, {std::clamp(input.shift.h, -32768, 32768), std::clamp(input.shift.w, -32768, 32768)});
    if (input.gray) make_gray(item, effective_channels(document));
    normalize(item, effective_normalize(document));
    return {};
}

int batch_size(const Input& input) {
    if (const auto* pictures = std::get_if<PictureInput>(&input.source))
        return static_cast<int>(pictures->pictures.size());
    return std::get<PatternInput>(input.source).batch;
}

Item item_of(const Input& input, int index, const Source& memory) {
    if (const auto* pictures = std::get_if<PictureInput>(&input.source)) {
        const auto& named = pictures->pictures[static_cast<std::size_t>(index)];
        return {is_embedded(named.origin) ? picture_title(named.origin) : named.origin.text(),
                composited(named.picture, input.background, memory), memory};
    }
    const auto& p = std::get<PatternInput>(input.source);
    return {std::string(to_string(p.pattern)),
            std::make_shared<const Tensor>(make_pattern(p.pattern, p.size, static_cast<std::uint32_t>(index + 1))),
            memory};
}

Expected<void> check_pattern(const Input& input) {
    const auto* p = std::get_if<PatternInput>(&input.source);
    if (!p) return {};
    if (p->size.h < 1 || p->size.w < 1 || p->size.h > 32768 || p->size.w > 32768 ||
        static_cast<std::size_t>(p->size.h) * static_cast<std::size_t>(p->size.w) > max_picture_pixels)
        return fail("pattern size {}x{}: expected 1 to 32768 pixels per side and at most {} pixels", p->size.w,
                    p->size.h, max_picture_pixels);
    if (p->batch < 1 || p->batch > 65536) return fail("batch is {}: expected 1 to 65536", p->batch);
    return {};
}

}  // namespace

Expected<std::shared_ptr<const Tensor>> input_tensor(const Document& document, const Cancel& cancel,
                                                     ObjectPool<Tensor>* memory) {
    const Input& input = document.input;
    if (const auto* raw = std::get_if<TensorInput>(&input.source)) return raw->tensor;
    if (auto ok = check_pattern(input); !ok) return tl::unexpected(ok.error());
    const int batch = batch_size(input);
    std::string first_name;
    Tensor result;
    for (int n = 0; n < batch; ++n) {
        if (cancel.requested()) return canceled();
        Item item = item_of(input, n, Source{memory});
        if (auto ok = prepare(item, document); !ok) return tl::unexpected(ok.error());
        Shape s = item.tensor->shape();
        if (batch == 1) return item.tensor;
        if (n == 0) {
            first_name = item.name;
            s.n = batch;
            if (s.count() > max_input_values)
                return fail("a batch of {} would be {} values: expected {} at most", to_string(s), s.count(),
                            max_input_values);
            result = Tensor(s);
        } else if (s.h != result.shape().h || s.w != result.shape().w) {
            return fail(
                "{} is {}x{} and {} is {}x{}: the pictures of a batch must have the same size: set one with resize",
                first_name, result.shape().w, result.shape().h, item.name, s.w, s.h);
        }
        for (int c = 0; c < s.c; ++c)
            std::copy(item.tensor->plane(0, c).begin(), item.tensor->plane(0, c).end(), result.plane(n, c).begin());
    }
    return std::make_shared<const Tensor>(std::move(result));
}

}  // namespace convlens
