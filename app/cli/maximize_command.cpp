/// `convlens maximize`: searches the pictures that make channels as large as possible.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/assets.h"
#include "app/cli/commands.h"
#include "app/cli/words.h"
#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/document/evaluate.h"
#include "engine/export/code.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/nn/graph.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

constexpr int least_picture_side = 96;  ///< Of a picture in the grid, in pixels.

/// Returns what is maximized, in the images of the document: one value per channel. A unit is the strongest place of
/// all images, a feature map the strongest of all images.
std::vector<float> values_in(const Activations& activations, Objective objective) {
    std::vector<float> values(static_cast<std::size_t>(activations.shape().c), -INFINITY);
    for (int n = 0; n < activations.shape().n; ++n) {
        const auto stats = activations.stats(n);
        for (std::size_t c = 0; c < values.size(); ++c)
            values[c] = std::max(values[c], objective == Objective::unit ? stats[c].max : stats[c].mean);
    }
    return values;
}

Expected<void> write_files(const MaximizeCommand& command, const Tensor& pictures) {
    if (!command.data.empty())
        if (auto ok = write_file(command.data, encode_npy(pictures)); !ok) return ok;
    if (command.out.empty()) return {};
    const auto grid = picture_grid(pictures, command.columns, least_picture_side, {255, 255, 255, 255});
    if (!grid) return tl::unexpected(grid.error());
    return write_file(command.out, encode_png(*grid));
}

}  // namespace

Expected<std::string> maximize(const Document& document, const MaximizeCommand& command,
                               const BackendOptions& options) {
    auto backend = make_backend(options);
    if (!backend) return tl::unexpected(backend.error());
    const auto output = backend->guarded([&] { return evaluate(document, *backend, Cancel()); });
    if (!output) return tl::unexpected(output.error());
    int layer = output->plan.layer;
    const int input_of_layer = inputs_of(output->network.layers, layer).front();
    if (input_of_layer >= 0 &&
        std::holds_alternative<ReLU>(output->network.layers[static_cast<std::size_t>(layer)].operation))
        layer = input_of_layer;  // as Maximizer does
    const auto before =
        backend->guarded([&] { return backend->forward(output->network, output->input, layer, Cancel()); });
    if (!before) return tl::unexpected(before.error());

    Network network{part_for(output->network.layers, layer)};
    MaximizeOptions search = command.search;
    search.objective = command.objective == "unit" ? Objective::unit : Objective::channel;
    search.spectrum = !command.pixels;
    search.correlated_colors = !command.plain_colors;
    search.jitter = command.jitter.value_or(search.objective == Objective::channel ? 8 : 0);
    if (!command.size.empty())
        search.size = *picture_size_from(command.size);
    else if (sees_whole_picture(network))
        search.size = {output->input->shape().h, output->input->shape().w};
    if (command.from_image)
        search.start = std::make_shared<const Tensor>(
            colors_of(*output->input, document.display.item, effective_normalize(document)));
    search.channels.resize(static_cast<std::size_t>((*before)->shape().c));
    std::iota(search.channels.begin(), search.channels.end(), 0);
    if (!command.channels.empty()) search.channels = channels_from(command.channels).value();
    const std::string name = network.layers.back().name;
    if (!command.code.empty()) {
        const auto ending =
            maximize_code(network, output->input->shape().c, effective_normalize(document), search, command.steps);
        if (!ending) return tl::unexpected(ending.error());
        auto saved = save_code(document, ScriptLibrary::pytorch, command.code, find_assets(), &*ending);
        if (!saved) return tl::unexpected(saved.error());
    }
    auto found = Maximizer::make(std::move(network), output->input->shape().c, effective_normalize(document), search);
    if (!found) return tl::unexpected(found.error());

    const Simd& simd = **find_simd(options.cpu.isa);
    Arena arena(options.cpu.threads);
    std::vector<float> values;
    arena.execute([&] {
        for (int i = 0; i < command.steps; ++i) found->step(simd);
        values = found->values(simd);
    });
    const Tensor pictures = found->pictures();
    if (auto ok = write_files(command, pictures); !ok) return tl::unexpected(ok.error());

    const std::vector<float> in_image = values_in(**before, search.objective);
    const Shape s = pictures.shape();
    std::string text = fmt::format(
        "{}: {} of {}, {} steps, pictures of {}x{} pixels\nchannel   in its picture   in {}\n", name,
        search.objective == Objective::unit ? "one value" : "mean",
        s.n == 1 ? "1 channel" : fmt::format("{} channels", s.n), command.steps, s.w, s.h, input_title(document.input));
    for (std::size_t i = 0; i < values.size(); ++i)
        text += fmt::format("{:>7} {:>16.4g} {:>10.4g}\n", search.channels[i], values[i],
                            in_image[static_cast<std::size_t>(search.channels[i])]);
    text.pop_back();
    return text;
}

}  // namespace convlens
