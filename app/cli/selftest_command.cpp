/// `convlens selftest`: compares every backend with a reference in double precision, and the backends with each other.
#include <algorithm>
#include <cstdlib>

#include "app/cli/commands.h"
#include "app/gpu/gl_backend.h"
#include "engine/cpu/simd.h"
#include "engine/reference/layer_case.h"
#include "engine/reference/layer_reference.h"
#include "engine/reference/random_case.h"

namespace convlens {
namespace {

using namespace reference;

constexpr double tolerance = 1e-5;  ///< Largest allowed error, relative to the largest magnitude of the reference.
constexpr int grid_tolerance = 1;   ///< Largest allowed difference of a color component, which is 0..255.

/// A layer, its input and the expected output.
struct SelftestCase {
    std::string description;
    Operation layer;
    Tensor input;
    Reference expected;
};

/// A backend and its largest error.
struct Candidate {
    std::unique_ptr<Backend> backend;
    std::string notes;                    ///< Lines that are printed below the backend's name.
    double worst = 0;                     ///< Largest error, relative to the largest magnitude of the reference.
    std::string worst_case{}, failure{};  ///< Descriptions of the case with the largest error and of the last failure.
    std::size_t failures = 0;             ///< Number of cases that did not run.

    bool right() const { return failures == 0 && worst <= tolerance; }
};

SelftestCase conv_case(Random& random) {
    const ConvCase c = random_case(random);
    Tensor input = random_tensor(c.input, Numbers::reals, random);
    const Conv2d layer = random_layer(c, Numbers::reals, random);
    Reference expected = reference_conv2d(layer, input);
    return {"Conv2d, " + describe(c), layer, std::move(input), std::move(expected)};
}

SelftestCase layer_case(const LayerCase& c, Random& random) {
    Tensor input = random_tensor(c.input, Numbers::reals, random);
    const Operation layer = with_numbers(c.spec, Numbers::reals, random);
    Reference expected = reference_layer(layer, input, output_shape(c.spec, c.input).value());
    return {describe(c), layer, std::move(input), std::move(expected)};
}

/// Returns about `count` cases: three convolutions, then a layer of a random type, and so on. The same for every run.
std::vector<SelftestCase> cases_of(int count) {
    Random random(2026);
    std::vector<LayerCase> layers = layer_cases();
    std::erase_if(layers,
                  [](const LayerCase& c) { return c.input.count() > 100'000; });  // too slow on software drivers
    std::vector<SelftestCase> all_cases;
    for (int i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(random.whole(0, static_cast<int>(layers.size()) - 1));
        all_cases.push_back(i % 4 < 3 ? conv_case(random) : layer_case(layers[at], random));
        // Max pooling of padding alone gives -infinity, to which no error can be relative.
        if (!(all_cases.back().expected.largest() < 1e30)) all_cases.pop_back();
    }
    return all_cases;
}

Expected<std::shared_ptr<const Activations>> run(Backend& backend, const SelftestCase& test) {
    return backend.forward(Network{{Layer{"layer", test.layer}}}, std::make_shared<const Tensor>(test.input.clone()), 0,
                           Cancel());
}

/// Runs all cases on the candidate and records its largest error and its failures.
void try_all(Candidate& candidate, const std::vector<SelftestCase>& all_cases) {
    for (const SelftestCase& test : all_cases) {
        const auto activations = run(*candidate.backend, test);
        const auto values =
            activations ? all_values(**activations) : Expected<Tensor>(tl::unexpected(activations.error()));
        if (!values) {
            candidate.failure = fmt::format("{}: {}", test.description, values.error().message);
            ++candidate.failures;
            continue;
        }
        const double error = relative_error(values->values(), test.expected);
        if (error > candidate.worst || candidate.worst_case.empty()) {
            candidate.worst = error;
            candidate.worst_case = test.description;
        }
    }
}

/// Largest differences between two backends.
struct Difference {
    double values = 0;  ///< Relative to the largest magnitude of the reference.
    int colors = 0;     ///< Of any color component of the grids, 0..255.
    std::string failure;
};

/// Draws the grids of `a` and `b` with the same random display options and records the largest difference of a color.
void compare_pictures(const Activations& a, const Activations& b, Random& random, Difference& difference) {
    DisplayOptions display;
    display.scale = {static_cast<ScaleMode>(random.whole(0, 3)), -1.0F, 1.0F};
    display.colormap = static_cast<Colormap>(random.whole(0, static_cast<int>(colormap_names().size()) - 1));
    display.cell = {random.whole(1, 80), random.whole(1, 80)};
    const auto one = a.render_grid(display, Cancel()), other = b.render_grid(display, Cancel());
    if (!one || !other || one->rgba.size() != other->rgba.size()) {
        difference.failure = "a grid could not be drawn" + (one ? std::string() : ": " + one.error().message) +
                             (other ? std::string() : ": " + other.error().message);
        return;
    }
    for (std::size_t i = 0; i < one->rgba.size(); ++i)
        difference.colors = std::max(difference.colors, std::abs(one->rgba[i] - other->rgba[i]));
}

/// Compares the outputs of all cases on both backends. Also compares grids of the cases' inputs, because these have the
/// same values on both backends.
Difference compare(Backend& a, Backend& b, const std::vector<SelftestCase>& all_cases) {
    Difference difference;
    Random random(7);
    for (const SelftestCase& test : all_cases) {
        const auto one = run(a, test), other = run(b, test);
        if (!one || !other) continue;  // reported by try_all()
        const auto left = all_values(**one), right = all_values(**other);
        if (!left || !right) continue;
        const double unit = std::max(test.expected.largest(), 1e-30);
        for (std::size_t i = 0; i < left->size(); ++i)
            difference.values =
                std::max(difference.values,
                         std::abs(static_cast<double>(left->data()[i]) - static_cast<double>(right->data()[i])) / unit);
        if (!difference.failure.empty()) continue;
        const Network copy{{Layer{"copy", Dropout{}}}};
        const auto input = std::make_shared<const Tensor>(test.input.clone());
        const auto first = a.forward(copy, input, 0, Cancel()), second = b.forward(copy, input, 0, Cancel());
        if (first && second && test.input.shape().c <= 64) compare_pictures(**first, **second, random, difference);
    }
    return difference;
}

std::string describe(const Candidate& c) {
    std::string text = fmt::format("{}\n{}  largest error {:.1e} of the largest value: {}\n", c.backend->name(),
                                   c.notes, c.worst, c.right() ? "right" : "WRONG");
    if (c.worst > tolerance) text += fmt::format("  largest error in: {}\n", c.worst_case);
    if (c.failures > 0) text += fmt::format("  {} cases did not run; the last failure: {}\n", c.failures, c.failure);
    return text;
}

}  // namespace

SelftestResult selftest(const BackendOptions& options, int cases) {
    std::vector<Candidate> candidates;
    if (options.backend != "gl")
        for (const Simd& simd : available_simd()) {
            auto cpu = make_cpu_backend({options.cpu.threads, simd.name});
            if (cpu) candidates.push_back({std::move(*cpu), ""});
        }
    std::string text =
        fmt::format("Convlens {}: {} random layers on every backend, compared with a reference in double precision\n\n",
                    CONVLENS_VERSION, cases);
    bool right = true, card = false;
    if (options.backend != "cpu") {
        auto gl = make_gl_backend(options.gl);
        card = gl.has_value();
        if (card) {
            const GlDriver d = (*gl)->driver();
            candidates.push_back(
                {std::move(*gl), fmt::format("  {}, {}, at most {} MB per buffer{}\n", d.vendor, d.version,
                                             d.max_block_bytes >> 20U, d.software ? ", software driver" : "")});
        } else {
            text += fmt::format("OpenGL was not tested: {}\n", gl.error().message);
            right = options.backend != "gl";
        }
    }
    const std::vector<SelftestCase> all_cases = cases_of(cases);
    for (Candidate& c : candidates) {
        try_all(c, all_cases);
        text += describe(c);
        right = right && c.right();
    }
    if (card && candidates.size() > 1) {
        const Difference d = compare(*candidates.front().backend, *candidates.back().backend, all_cases);
        right = right && d.colors <= grid_tolerance && d.failure.empty();
        text += fmt::format(
            "CPU and OpenGL differ by {:.1e} of the largest value, and in the grid by {} of 255 in any "
            "color{}\n",
            d.values, d.colors, d.failure.empty() ? "" : "; " + d.failure);
    }
    if (candidates.empty()) return {text + "\nverdict: nothing to test", false};
    text += fmt::format("\nverdict: {}",
                        right ? "every backend is right" : "WRONG: please report this output (docs/GPU.md)");
    return {text, right};
}

}  // namespace convlens
