/// Decides what the clipboard holds, and opens it.
#include "app/ui/paste.h"

#include "app/clipboard.h"
#include "app/ui/frame.h"
#include "app/ui/tools/kernel_editor/kernel_editor.h"
#include "app/web/page.h"
#include "engine/document/embedded.h"
#include "engine/io/file_url.h"

namespace convlens {
namespace {

/// Maximum size of a pasted image file: sessions contain it.
constexpr std::size_t max_pasted_bytes = std::size_t{32} << 20U;

Expected<Done> pasted_picture(std::vector<std::byte> file) {
    constexpr const char* name = "pasted picture";
    if (file.size() > max_pasted_bytes)
        return fail("the {} has {} MiB, more than {}: save it as a file and open that", name, file.size() >> 20U,
                    max_pasted_bytes >> 20U);
    auto picture = decode_picture(file, name);
    if (!picture) return tl::unexpected(picture.error());
    PictureInput input{{{embedded_origin("pasted", file), std::make_shared<const Picture>(std::move(*picture))}}};
    return [input = std::move(input)](Frame& f) {
        f.draft.input.source = input;
        f.draft.input.crop.reset();
        f.draft.display.item = 0;
        f.requests.step = true;
    };
}

void paste_text(Frame& f, const std::string& text) {
    if (const auto paths = paths_in(text)) return open_files(f, *paths);
    if (text.starts_with("http://") || text.starts_with("https://")) {
        f.requests.error = printable(
            "the clipboard holds the address of a page, but Convlens opens no connections: save the picture, "
            "and open the file");
        return;
    }
    paste_kernel(f, text);
}

}  // namespace

void paste_clipboard(Frame& f) {
    if (in_browser) return paste_text(f, page::pasted_text());
    load(f, Opens::file, []() -> Expected<Done> {
        auto clipped = read_clipboard();
        if (!clipped) return tl::unexpected(clipped.error());
        if (!clipped->picture.empty()) return pasted_picture(std::move(clipped->picture));
        return [text = std::move(clipped->text)](Frame& frame) { paste_text(frame, text); };
    });
}

}  // namespace convlens
