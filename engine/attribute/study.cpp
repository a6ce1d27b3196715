/// The order of the maps: those that take longest at the end.
#include "engine/attribute/study.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/attribute/sanity.h"
#include "engine/view/colormap.h"

namespace convlens {

struct Study::State {
    /// The maps of one set of weights.
    struct Side {
        std::optional<Attribution> maps;
        std::optional<Occlusion> occlusion;
    };

    StudyTask task;
    const Simd& simd;
    StudyView view;
    Side own, random;

    Side& side(bool twin) { return twin ? random : own; }

    bool make(bool twin) {
        Side& s = side(twin);
        if (s.maps) return true;
        auto target = make_target(twin ? randomized(task.network, task.random_from, task.seed) : task.network,
                                  task.channel, task.input->shape());
        if (target) {
            view.explained = target->network.layers.back().name;
            auto made = Attribution::make(*target, task.input, task.normalize, task.options, simd);
            if (made) {
                s.maps.emplace(std::move(*made));
                (twin ? view.random_output : view.output) = s.maps->output(Cancel()).value();
            } else {
                view.error = made.error().message;
            }
        } else {
            view.error = target.error().message;
        }
        return view.error.empty();
    }

    /// Computes one map, or the next positions of the patch; sets the row's error if there is none.
    void compute(StudyRow& row, bool twin) {
        Side& s = side(twin);
        std::shared_ptr<const Tensor>& to = twin ? row.twin : row.map;
        if (row.method != Method::occlusion) {
            auto map = s.maps->map(row.method, Cancel());
            if (!map) return void(row.error = map.error().message);
            to = std::make_shared<const Tensor>(std::move(*map));
        } else {
            if (!s.occlusion) {
                auto made =
                    Occlusion::make(s.maps->target(), task.input, task.options.patch, task.options.stride, simd);
                if (!made) return void(row.error = made.error().message);
                s.occlusion.emplace(std::move(*made));
            }
            s.occlusion->step(Cancel()).value();
            to = std::make_shared<const Tensor>(s.occlusion->map());
        }
        (twin ? row.twin_image : row.map_image) =
            std::make_shared<const Image>(map_picture(*to, text_of(row.method).has_signs));
    }

    bool finished(const StudyRow& row, bool twin) {
        if (!row.error.empty()) return true;
        if (row.method != Method::occlusion) return static_cast<bool>(twin ? row.twin : row.map);
        const auto& o = side(twin).occlusion;
        return o && o->done() == o->positions();
    }

    /// Returns the next map to compute: a row, and whether it is the twin.
    std::optional<std::pair<StudyRow*, bool>> next() {
        const auto cost = [](Method m) {
            return m == Method::occlusion ? 2 : m == Method::integrated_gradients ? 1 : 0;
        };
        for (const int now : {0, 1, 2})
            for (const bool twin : {false, true})
                for (StudyRow& row : view.rows)
                    if (cost(row.method) == now && !finished(row, twin)) return std::pair{&row, twin};
        return std::nullopt;
    }

    void compare(StudyRow& row) {
        row.complete = row.error.empty() && finished(row, false) && finished(row, true);
        if (row.error.empty() && finished(row, false) && !row.edges)
            row.edges = rank_correlation(*row.map, *view.edges);
        row.rank = row.complete ? rank_correlation(*row.map, *row.twin) : std::nullopt;
    }

    bool needs_field() const { return task.field && !view.field && view.field_error.empty(); }

    void compute_field() {
        constexpr int values = 16;
        auto field = effective_field(task.network, task.input, task.channel, values, simd, Cancel());
        if (!field) return void(view.field_error = field.error().message);
        view.field_image = std::make_shared<const Image>(map_picture(field->map, false));
        view.field = std::make_shared<const EffectiveField>(std::move(*field));
    }

    void count() {
        view.work = task.field ? 1 : 0, view.done = view.work - (needs_field() ? 1 : 0);
        for (const StudyRow& row : view.rows)
            for (const bool twin : {false, true}) {
                const auto& o = side(twin).occlusion;
                const bool grows = row.method == Method::occlusion && o && row.error.empty();
                view.work += grows ? o->positions() : 1;
                view.done += grows ? o->done() : finished(row, twin) ? 1 : 0;
            }
    }
};

Study::Study(StudyTask task, const Simd& simd)
    : state_(std::make_unique<State>(State{std::move(task), simd, {}, {}, {}})) {
    for (const Method method : state_->task.chosen)
        state_->view.rows.push_back({method, nullptr, nullptr, nullptr, nullptr, false, {}, {}, {}, 0});
}
Study::~Study() = default;
Study::Study(Study&&) noexcept = default;
Study& Study::operator=(Study&&) noexcept = default;

bool Study::step() {
    State& s = *state_;
    if (!s.view.edges) {
        s.view.edges = std::make_shared<const Tensor>(sobel(*s.task.input));
        s.view.edges_image = std::make_shared<const Image>(map_picture(*s.view.edges, false));
    }
    if (!s.view.error.empty() || !s.make(false) || !s.make(true)) return false;
    if (const auto next = s.next()) {
        const auto begin = std::chrono::steady_clock::now();
        s.compute(*next->first, next->second);
        if (!next->second)
            next->first->ms +=
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
        s.compare(*next->first);
    } else if (s.needs_field()) {
        s.compute_field();
    }
    s.count();
    return s.next().has_value() || s.needs_field();
}

StudyView Study::view() const { return state_->view; }

void Study::randomize(int random_from, std::uint32_t seed) {
    State& s = *state_;
    s.task.random_from = random_from, s.task.seed = seed;
    s.random = {};
    for (StudyRow& row : s.view.rows) {
        row.twin.reset();
        row.twin_image.reset();
        row.rank.reset();
        row.complete = false;
    }
    s.count();
}

Image map_picture(const Tensor& map, bool has_signs) {
    std::vector<float> magnitudes(map.size());
    for (std::size_t i = 0; i < map.size(); ++i) magnitudes[i] = std::abs(map.data()[i]);
    const auto top = magnitudes.begin() + static_cast<std::ptrdiff_t>(magnitudes.size() * 199 / 200);
    std::ranges::nth_element(magnitudes, top);
    float end = *top;
    if (!(end > 0)) end = *std::max_element(top, magnitudes.end());
    const auto table = colors(has_signs ? Colormap::coolwarm : Colormap::gray);
    Image image(map.shape().w, map.shape().h);
    for (std::size_t i = 0; i < map.size(); ++i) {
        const float t = end > 0 ? map.data()[i] / end : 0;
        const Rgba& color = table[static_cast<std::size_t>(color_index(has_signs ? 0.5F + t / 2 : t))];
        std::memcpy(&image.rgba[4 * i], color.data(), 4);
    }
    return image;
}

}  // namespace convlens
