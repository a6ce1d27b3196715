/// Opens the images of a command one by one.
#include "app/cli/each_image.h"

#include <filesystem>

#include "app/assets.h"
#include "engine/open/open.h"
#include "engine/open/picture_series.h"

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
    const auto folder = [&](const std::string& path) -> Expected<void> {
        auto series = PictureSeries::open(path, Cancel());
        if (!series) return tl::unexpected(series.error());
        Expected<void> last;
        bool any = false;
        for (int i = 0; i < series->count(); ++i) {
            Document next = document;
            const std::string name = series->at(i).title;
            auto source = series->read(i, Cancel());
            if (source) next.input.source = std::move(*source);
            last = source ? work(next, name) : Expected<void>(tl::unexpected(source.error()));
            any = any || last;
            if (!last && (any || i + 1 < series->count())) report_error(last.error());
        }
        return any ? Expected<void>() : last;
    };
    bool any = false;
    for (const std::string& image : images) {
        std::error_code ignored;
        const auto done = std::filesystem::is_directory(image, ignored) ? folder(image) : one(image);
        any = any || done;
        if (done) continue;
        if (!any && &image == &images.back()) return done;
        report_error(done.error());
    }
    return {};
}

}  // namespace convlens
