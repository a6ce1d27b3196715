/// Selects and measures the backends, and uses the CPU if OpenGL fails.
#include "app/either_backend.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "engine/core/sentence.h"
#include "engine/nn/graph.h"
#include "engine/nn/network_specs.h"

namespace convlens {
namespace {

constexpr std::size_t max_known = 64;
constexpr double enough_seconds = 0.2;  ///< A backend runs at least twice; after this time it does not run again.

struct Timed {
    std::shared_ptr<const Activations> activations;
    double ms = std::numeric_limits<double>::infinity();
};

/// Runs the layers 2 to 10 times. Returns the time of the fastest run, because the first run may compile shaders and
/// pack weights, and the activations of the last run.
Expected<Timed> timed(Backend& backend, const Network& network, const std::shared_ptr<const Tensor>& input,
                      int last_layer, const EitherBackend::Now& now, const Cancel& cancel) {
    Timed best;
    const auto start = now();
    for (int run = 0; run < 2 || (run < 10 && now() - start < std::chrono::duration<double>(enough_seconds)); ++run) {
        best.activations.reset();
        backend.forget();
        const auto begin = now();
        auto activations = backend.forward(network, input, last_layer, cancel);
        if (!activations) return tl::unexpected(activations.error());
        best.ms = std::min(best.ms, std::chrono::duration<double, std::milli>(now() - begin).count());
        best.activations = std::move(*activations);
    }
    return best;
}

/// Sets largest_difference and largest_magnitude of `comparison`. Reads one channel at a time, so that at most two
/// channels are in memory in addition to the results.
Expected<void> find_difference(const Activations& a, const Activations& b, Comparison& comparison,
                               const Cancel& cancel) {
    const Shape s = a.shape();
    for (int n = 0; n < s.n; ++n)
        for (int c = 0; c < s.c; ++c) {
            if (cancel.requested()) return canceled();
            const auto one = a.read(n, {c, 1}, {0, 0, s.w, s.h}), other = b.read(n, {c, 1}, {0, 0, s.w, s.h});
            if (!one) return tl::unexpected(one.error());
            if (!other) return tl::unexpected(other.error());
            for (std::size_t i = 0; i < one->size(); ++i) {
                const auto x = static_cast<double>(one->data()[i]), y = static_cast<double>(other->data()[i]);
                comparison.largest_difference = std::max(comparison.largest_difference, std::abs(x - y));
                comparison.largest_magnitude = std::max(comparison.largest_magnitude, std::abs(x));
            }
        }
    return {};
}

std::size_t work_of(const Network& network, const Shape& input, int last_layer) {
    const auto shapes = shapes_for(network.layers, input, last_layer);
    if (!shapes) return 0;
    std::size_t macs = 0;
    for (int i = 0; i <= last_layer; ++i)
        if (const Shape& out = (*shapes)[static_cast<std::size_t>(i) + 1]; out.n > 0)
            macs += multiply_accumulates(spec_of(network.layers[static_cast<std::size_t>(i)].operation),
                                         input_shapes(network.layers, i, *shapes).front(), out);
    return macs;
}

}  // namespace

BackendUse backend_use_from(std::string_view name) {
    return name == "cpu" ? BackendUse::cpu : name == "gl" ? BackendUse::gl : BackendUse::automatic;
}

void EitherBackend::use(BackendUse use) {
    if (use == use_) return;
    use_ = use;
    forget();
    failure_.clear();
    no_card_.clear();
    no_driver_.clear();
    std::erase_if(known_, [](const Known& k) { return !k.comparison.gl_missing.empty(); });
}

std::string EitherBackend::name() const {
    if (last_on_gl_ && gl_) return gl_->name();
    return cpu_ ? cpu_->name() : "CPU";
}

Expected<Backend*> EitherBackend::cpu() {
    if (!makers_.cpu) return fail("{}", failure_);
    if (!cpu_) {
        auto made = makers_.cpu();
        if (!made) return tl::unexpected(made.error());
        cpu_ = std::move(*made);
    }
    return cpu_.get();
}

Backend* EitherBackend::gl(bool any_driver) {
    const auto make = [&](const Make& maker, std::string& missing, bool card) {
        if (gl_ || !missing.empty()) return;
        auto made = maker();
        if (!made) missing = made.error().message;
        if (!made) return;
        gl_ = std::move(*made);
        gl_is_card_ = card;
    };
    make(makers_.card, no_card_, true);
    if (any_driver) make(makers_.software, no_driver_, false);
    return gl_ && (any_driver || gl_is_card_) ? gl_.get() : nullptr;
}

bool EitherBackend::wants_gl(const Network& network, const Shape& input) const {
    if (use_ != BackendUse::automatic) return use_ != BackendUse::cpu;
    const Comparison* known = comparison(network, input);
    if (known && !known->any_driver) return known->gl_faster();
    return last_on_gl_ && gl_is_card_;
}

Expected<void> EitherBackend::prepare() {
    const bool wanted = (use_ == BackendUse::gl || use_ == BackendUse::card) && failure_.empty();
    if (wanted && gl(use_ == BackendUse::gl)) return {};
    if (wanted && use_ == BackendUse::gl) failure_ = no_driver_;
    return cpu().map([](Backend*) {});
}

Expected<std::shared_ptr<const Activations>> EitherBackend::forward(const Network& network,
                                                                    std::shared_ptr<const Tensor> input, int last_layer,
                                                                    const Cancel& cancel) {
    if (!cpu_only_ && failure_.empty() && wants_gl(network, input->shape())) {
        if (Backend* chosen = gl(use_ == BackendUse::gl)) {
            on_gl_ = last_on_gl_ = true;
            return chosen->forward(network, std::move(input), last_layer, cancel);
        }
        if (use_ == BackendUse::gl) failure_ = no_driver_;
    }
    last_on_gl_ = false;
    const auto chosen = cpu();
    if (!chosen) return tl::unexpected(chosen.error());
    return (*chosen)->forward(network, std::move(input), last_layer, cancel);
}

void EitherBackend::forget() {
    if (cpu_) cpu_->forget();
    if (gl_) gl_->forget();
}

void EitherBackend::give_up_gl(const std::string& why) {
    failure_ = no_card_ = no_driver_ = why;
    gl_.reset();
    for (Known& k : known_) k.comparison.gl_missing = why;
}

Expected<Comparison> EitherBackend::compare(const Network& network, const std::shared_ptr<const Tensor>& input,
                                            int last_layer, bool any_driver, const Cancel& cancel) {
    const auto chosen = cpu();
    if (!chosen) return tl::unexpected(chosen.error());
    Comparison comparison;
    comparison.layer = network.layers[static_cast<std::size_t>(last_layer)].name;
    comparison.any_driver = any_driver;
    comparison.multiply_accumulates = work_of(network, input->shape(), last_layer);
    comparison.cpu = (*chosen)->name();
    Backend* other = failure_.empty() ? gl(any_driver) : nullptr;
    Expected<Timed> on_cpu;
    if (other || any_driver) {
        on_cpu = timed(**chosen, network, input, last_layer, now_, cancel.part(0, 0.45F));
        if (!on_cpu) return tl::unexpected(on_cpu.error());
        comparison.cpu_ms = on_cpu->ms;
    }
    if (other) {
        const auto on_gl = timed(*other, network, input, last_layer, now_, cancel.part(0.45F, 0.9F));
        if (!on_gl && on_gl.error().canceled) return tl::unexpected(on_gl.error());
        const auto read = on_gl ? find_difference(*on_cpu->activations, *on_gl->activations, comparison, cancel)
                                : tl::unexpected(on_gl.error());
        if (!read && read.error().canceled) return tl::unexpected(read.error());
        if (on_gl) comparison.gl_ms = on_gl->ms;
        comparison.gl = other->name();
        if (!read) give_up_gl(read.error().message);
    }
    if (!other || !failure_.empty())
        comparison.gl_missing = !failure_.empty() ? failure_ : any_driver ? no_driver_ : no_card_;
    if (!other && comparison.gl_missing.empty())  // a software driver that the user has chosen before
        comparison.gl_missing = sentence("there is no graphics card on this machine");
    if (!comparison.gl_missing.empty()) comparison.gl.clear();
    if (comparison.cpu_ms > 0) forget();
    std::erase_if(known_, [&](const Known& k) { return k.input == input->shape() && k.layers == specs_of(network); });
    if (known_.size() == max_known) known_.erase(known_.begin());
    known_.push_back({specs_of(network), input->shape(), comparison});
    return comparison;
}

const Comparison* EitherBackend::comparison(const Network& network, const Shape& input) const {
    const auto specs = specs_of(network);
    for (const Known& k : known_)
        if (k.input == input && k.layers == specs) return &k.comparison;
    return nullptr;
}

}  // namespace convlens
