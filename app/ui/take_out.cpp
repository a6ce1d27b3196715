/// Names of files, and writing them.
#include "app/ui/take_out.h"

#include "app/clipboard.h"
#include "engine/io/file.h"

namespace convlens {

namespace fs = std::filesystem;

const ExportName& export_name(Export what) {
    static constexpr ExportName names[] = {
        {"Grid", "the grid", "-grid", "All cells as a picture, with as much beside them as you like"},
        {"One channel", "the channel", "-channel",
         "One map as a picture, through the colour map, on the scale that it has in the grid"},
        {"Microscope", "the microscope", "-microscope",
         "Every term of one value as a picture: patch, kernel, products, subtotals, bias, total"},
        {"Activations", "the activations", "-activations",
         "The numbers of the layer that is shown, exactly: (N, C, H, W) in single precision"},
        {"Kernels", "the kernels", "-kernels",
         "The kernels that make the channels: as a picture of all, or as numbers"},
        {"Statistics", "the statistics", "-statistics",
         "Minimum, maximum, mean and mean magnitude of each channel, as a table"},
    };
    return names[static_cast<std::size_t>(what)];
}

std::string suggested_path(const Input& input, std::string_view suffix, std::string_view ending) {
    std::error_code ignored;
    fs::path base = fs::current_path(ignored) / "convlens";
    if (const auto* p = std::get_if<PictureInput>(&input.source); p && !p->pictures.front().spec.starts_with("sample:"))
        base = fs::absolute(fs::path(p->pictures.front().spec), ignored).replace_extension();
    return fmt::format("{}{}{}", base.string(), suffix, ending);
}

LoadJob take_job(Taken taken) {
    return [taken = std::move(taken)]() -> Expected<Loaded> {
        const auto& [what, encode] = taken;
        const char* thing = export_name(what.order.what).thing;
        const auto refused = [&](const Error& error) {
            return what.path.empty()
                       ? tl::unexpected(error)
                       : tl::unexpected(Error{fmt::format(
                             "{} not saved: {}",
                             std::string(thing) + (what.order.what >= Export::activations ? " were" : " was"),
                             error.message)});
        };
        if (!encode) return refused(encode.error());
        const auto bytes = (*encode)();
        if (!bytes) return refused(bytes.error());
        const std::string path = what.path.empty() ? "" : free_path(what.path);
        const auto done = path.empty() ? copy_picture(*bytes) : write_file(path, *bytes);
        if (!done) return refused(done.error());
        return Loaded(Saved{path.empty() ? fmt::format("copied {}", thing) : fmt::format("saved {}", path)});
    };
}

}  // namespace convlens
