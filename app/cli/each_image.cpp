/// Opens the images of a command one by one.
#include "app/cli/each_image.h"

#include "app/assets.h"
#include "engine/open/open.h"

namespace convlens {

Expected<void> for_each_image(const std::vector<std::string>& images, const Document& document,
                              const std::function<Expected<void>(const Document&, const std::string&)>& work,
                              const ReportError& report_error) {
    if (images.empty()) return work(document, input_title(document.input));
    const auto one = [&](const std::string& image) -> Expected<void> {
        Document next = document;
        auto source = open_input({image}, 1, find_assets());
        if (!source) return tl::unexpected(source.error());
        next.input.source = std::move(*source);
        return work(next, image);
    };
    bool any = false;
    for (const std::string& image : images) {
        const auto done = one(image);
        any = any || done;
        if (done) continue;
        if (!any && &image == &images.back()) return done;
        report_error(done.error());
    }
    return {};
}

}  // namespace convlens
