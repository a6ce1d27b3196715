/// `convlens patches`: finds the parts of images for which channels are strongest.
#include <filesystem>
#include <numeric>

#include "app/cli/commands.h"
#include "app/cli/each_image.h"
#include "engine/document/evaluate.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/maximize/patches.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

constexpr int least_patch_side = 64;  ///< Of a patch in the picture, in pixels.

std::string table(const StrongestPatches& found, const std::vector<int>& channels,
                  const std::vector<std::string>& images, const std::string& layer) {
    std::string text =
        fmt::format("{}: the strongest places of {} images\nchannel      value        y,x  receptive field  image",
                    layer, images.size());
    for (std::size_t i = 0; i < channels.size(); ++i)
        for (const StrongPlace& p : found.places(i))
            text +=
                fmt::format("\n{:>7} {:>10.4g} {:>10} {:>16}  {}", channels[i], p.value, fmt::format("{},{}", p.y, p.x),
                            fmt::format("{}x{}{:+}{:+}", p.box.w, p.box.h, p.box.x, p.box.y),
                            printable(images[static_cast<std::size_t>(p.image)]));
    return text;
}

}  // namespace

Expected<std::string> patches(const std::vector<std::string>& images, const Document& document,
                              const PatchesCommand& command, const BackendOptions& options,
                              const ReportError& report_error) {
    auto backend = make_backend(options);
    if (!backend) return tl::unexpected(backend.error());
    std::vector<int> channels;
    if (!command.channels.empty()) channels = channels_from(command.channels).value();
    std::optional<StrongestPatches> found;
    std::optional<Output> last;
    std::vector<std::string> names;
    const auto add = [&](const Document& next, const std::string& name) -> Expected<void> {
        return backend->guarded([&]() -> Expected<void> {
            auto output = evaluate(next, *backend, Cancel(), last ? &*last : nullptr);
            if (!output) return fail("{}: {}", name, output.error().message);
            last = std::move(*output);
            const Shape shape = last->activations->shape();
            if (channels.empty()) {
                channels.resize(static_cast<std::size_t>(shape.c));
                std::iota(channels.begin(), channels.end(), 0);
            }
            if (!found) found.emplace(channels, command.count, command.per_image);
            for (int item = 0; item < shape.n; ++item) {
                names.push_back(shape.n > 1 ? fmt::format("{}, item {}", name, item) : name);
                if (auto ok = found->add(static_cast<int>(names.size()) - 1, last->network, *last->input,
                                         last->plan.layer, *last->activations, item, effective_normalize(next));
                    !ok)
                    return ok;
            }
            return {};
        });
    };
    if (auto ok = for_each_image(images, document, add, report_error); !ok) return tl::unexpected(ok.error());
    if (!command.out.empty()) {
        const auto picture = picture_grid(found->patches(), command.count, least_patch_side, {255, 255, 255, 255});
        if (!picture) return tl::unexpected(picture.error());
        if (auto ok = write_file(command.out, encode_png(*picture)); !ok) return tl::unexpected(ok.error());
    }
    return table(*found, channels, names, last->network.layers[static_cast<std::size_t>(last->plan.layer)].name) + "\n";
}

}  // namespace convlens
