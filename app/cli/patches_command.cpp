/// `convlens patches`: finds the parts of images for which channels are strongest.
#include <filesystem>
#include <numeric>

#include "app/assets.h"
#include "app/cli/commands.h"
#include "engine/document/evaluate.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/maximize/patches.h"
#include "engine/open/open.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

constexpr int least_side = 64;  ///< Of a patch in the picture, in pixels.

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
    const auto one = [&](std::size_t i) -> Expected<void> {
        Document next = document;
        auto source = open_input({images[i]}, 1, find_assets());
        if (!source) return tl::unexpected(source.error());
        next.input.source = std::move(*source);
        auto output = evaluate(next, *backend, Cancel(), last ? &*last : nullptr);
        if (!output) return fail("{}: {}", images[i], output.error().message);
        last = std::move(*output);
        if (!found) {
            if (channels.empty()) {
                channels.resize(static_cast<std::size_t>(last->activations->shape().c));
                std::iota(channels.begin(), channels.end(), 0);
            }
            found.emplace(channels, command.count, command.per_image);
        }
        return found->add(static_cast<int>(i), last->network, *last->input, last->plan.layer, *last->activations, 0,
                          effective_normalize(next));
    };
    std::size_t failed = 0;
    for (std::size_t i = 0; i < images.size(); ++i)
        if (const auto done = one(i); !done) {
            if (++failed == images.size()) return tl::unexpected(done.error());
            report_error(done.error());
        }
    if (!command.out.empty()) {
        const Image picture = picture_grid(found->patches(), command.count, least_side, {255, 255, 255, 255});
        if (auto ok = write_file(command.out, encode_png(picture)); !ok) return tl::unexpected(ok.error());
    }
    return table(*found, channels, images, last->network.layers[static_cast<std::size_t>(last->plan.layer)].name);
}

}  // namespace convlens
