/// Keeps the session in the address of the web page, so that a link in slides opens the same view. Does nothing outside
/// a browser.
#include <imgui.h>
#include <zlib.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/ui/frame.h"
#include "app/ui/tool.h"
#include "app/ui/tools/link/link.h"
#include "app/web/page.h"
#include "engine/core/sentence.h"
#include "engine/session/session.h"

namespace convlens {

extern const Tool link_tool;

namespace {

/// Maximum number of characters after the # of the address: slides, mail programs and chats cut longer addresses.
constexpr std::size_t max_fragment = 4000;
constexpr double seconds_between = 1;  ///< Minimum time between two changes of the address.

/// State of the tool.
struct Link {
    std::optional<Document> shown;  ///< The document that the address holds.
    double next = seconds_between;  ///< Time on ImGui's clock, in seconds, from which on the address may change again.
};

[[maybe_unused]] void copy_link(Frame& f) {
    const auto fragment = session_fragment(print_session(f.draft, {}));
    if (!fragment) {
        f.requests.error =
            sentence("This state is too large for a link, or uses files of this device: save the session instead");
        return;
    }
    f.requests.copy = page::address() + "#" + *fragment;
}

constexpr Action rows[] = {
    {"link",
     "Copy link to this state",
     Menu::file,
     {{}},
     [](const Frame&) { return true; },
     [](Frame& f) {
         if constexpr (in_browser) copy_link(f);
     }},
};

void poll(Frame& f) {
    if constexpr (in_browser) {
        auto& link = f.states.of<Link>();
        if (!link.shown) link.shown = f.draft;  // the address that the page was opened with is right
        if (*link.shown == f.draft) return;
        const double now = ImGui::GetTime();
        if (now < link.next) {
            f.requests.wake_after = std::max(link.next - now, 0.1);
            return;
        }
        link.next = now + seconds_between;
        link.shown = f.draft;
        page::show_fragment(session_fragment(print_session(f.draft, {})).value_or(""));
    }
}

}  // namespace

std::optional<std::string> session_fragment(std::string_view session) {
    if (session.find(page::files_folder) != std::string_view::npos) return std::nullopt;
    uLongf size = compressBound(static_cast<uLong>(session.size()));
    std::vector<unsigned char> packed(size);
    if (compress2(packed.data(), &size, reinterpret_cast<const Bytef*>(session.data()),
                  static_cast<uLong>(session.size()), Z_BEST_COMPRESSION) != Z_OK)
        return std::nullopt;
    packed.resize(size);
    // base64url of RFC 4648, section 5, without padding
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text = "s=";
    for (std::size_t i = 0; i < packed.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, packed.size() - i);
        unsigned bits = 0;
        for (std::size_t k = 0; k < 3; ++k) bits = bits << 8U | (k < count ? packed[i + k] : 0U);
        for (std::size_t k = 0; k <= count; ++k) text += digits[bits >> (18 - 6 * k) & 63U];
    }
    if (text.size() > max_fragment) return std::nullopt;
    return text;
}

const Tool link_tool{
    .id = "link", .actions = in_browser ? std::span<const Action>(rows) : std::span<const Action>(), .poll = poll};

}  // namespace convlens
