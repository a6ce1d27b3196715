/// Documents, captions and the curve of the loss for the moments of a training.
#include "engine/export/training_moments.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/nn/parameters.h"

namespace convlens {

Document with_learned_filters(const Document& document, const std::shared_ptr<const Tensor>& kernels) {
    Document next = document;
    if (kernels)
        next.kernels.bank =
            LoadedKernels{KnownKernels::own, fmt::format("{} filters learned from this image", kernels->shape().n),
                          kernels, nullptr, Normalize::none};
    return next;
}

Document with_trained_weights(const Document& document, const std::shared_ptr<const ParameterMap>& parameters,
                              long step) {
    Document next = document;
    if (auto* layered = std::get_if<LayeredNetwork>(&next.network))
        layered->weights =
            LoadedWeights{KnownCheckpoint::own, fmt::format("LargeNet after {} steps", step), parameters, nullptr};
    else
        next.kernels.bank = LoadedKernels{KnownKernels::own, "trained kernel", parameters->at("conv1.weight").tensor,
                                          nullptr, Normalize::half};
    return next;
}

RecordedMoments training_moments(const TrainingView& view, const Trainer& names) {
    const auto line = std::make_shared<const TimeLine>(view.time_line);
    const auto named = std::make_shared<const Trainer>(names);
    RecordedMoments made;
    made.count = static_cast<int>(line->size());
    made.document = [line, named](const Document& document, int index) {
        const Snapshot& moment = (*line)[static_cast<std::size_t>(index)];
        return with_trained_weights(
            document, std::make_shared<const ParameterMap>(named->parameters(*moment.parameters)), moment.step);
    };
    for (const Curve::Point& point : view.losses.points()) {
        made.loss.x.push_back(static_cast<double>(point.step));
        made.loss.y.push_back(static_cast<double>(point.value));
    }
    made.step = [line](int index) { return (*line)[static_cast<std::size_t>(index)].step; };
    made.caption = [step = made.step, loss = made.loss](int index) {
        const long now = step(index);
        const auto next = std::ranges::lower_bound(loss.x, static_cast<double>(now));
        if (now == 0 || next == loss.x.end()) return fmt::format("step {}", now);
        return fmt::format("step {}, loss {:.3g}", now, loss.y[static_cast<std::size_t>(next - loss.x.begin())]);
    };
    return made;
}

RecordedMoments filter_moments(const std::vector<FilterMoment>& time_line) {
    const auto line = std::make_shared<const std::vector<FilterMoment>>(time_line);
    const auto at = [line](int index) -> const FilterMoment& { return (*line)[static_cast<std::size_t>(index)]; };
    RecordedMoments made;
    made.count = static_cast<int>(line->size());
    made.document = [at](const Document& document, int index) {
        return with_learned_filters(document, at(index).kernels);
    };
    made.caption = [at](int index) { return fmt::format("round {}", at(index).round); };
    return made;
}

}  // namespace convlens
