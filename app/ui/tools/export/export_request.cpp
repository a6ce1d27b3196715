/// Names the kinds of export, and writes exports to files or to the clipboard.
#include "app/ui/tools/export/export_request.h"

#include "app/clipboard.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "engine/io/file.h"

namespace convlens {

const ExportName& export_name(Export what) {
    static constexpr ExportName names[] = {
        {"All feature maps", "the grid", "-grid",
         "The grid: all feature maps as one picture, with optional channel numbers, kernels, colorbar and title"},
        {"One feature map", "the channel", "-channel",
         "The feature map of one channel as a picture, with the colormap and the value range that it has in the grid"},
        {"One value explained", "the microscope", "-microscope",
         "The microscope: every term of one value as a picture: patch, kernel, products, subtotals, bias, total"},
        {"Values", "the activations", "-activations",
         "The values of all feature maps (activations) as computed, not scaled to the value range of the colormap, as "
         "a float32 "
         "array of shape (N, C, H, W)"},
        {"Kernels", "the kernels", "-kernels", "The kernels that produce the channels, as one picture or as an array"},
        {"Statistics", "the statistics", "-statistics",
         "Minimum, maximum, mean and mean absolute value of each channel, as a table"},
    };
    return names[static_cast<std::size_t>(what)];
}

LoadJob export_job(PreparedExport taken) {
    return [taken = std::move(taken)]() -> Expected<Done> {
        const auto& what = taken.what;
        const auto& encode = taken.encode;
        const char* thing = export_name(what.order.what).thing;
        const auto refused = [&](const Error& error) {
            return what.path.empty()                        ? tl::unexpected(error)
                   : what.order.what >= Export::activations ? fail("{} were not saved: {}", tr(thing), error.message)
                                                            : fail("{} was not saved: {}", tr(thing), error.message);
        };
        if (!encode) return refused(encode.error());
        const auto bytes = (*encode)();
        if (!bytes) return refused(bytes.error());
        const auto saved = what.path.empty() ? copy_picture(*bytes).map([] { return std::string(); })
                                             : write_new_file(what.path, *bytes);
        if (!saved) return refused(saved.error());
        return [thing, path = *saved](Frame& f) {
            if (path.empty())
                f.requests.note = tr_format("copied {}", tr(thing));
            else
                report_saved(f, path);
        };
    };
}

}  // namespace convlens
