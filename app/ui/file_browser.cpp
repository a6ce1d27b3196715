/// Choosing files without leaving the window: thumbnails, a path to type, the folders of late.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cstdlib>

#include "app/ui/imgui_compat.h"
#include "app/ui/panels.h"
#include "app/ui/property.h"
#include "app/ui/theme.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr const char* titles[] = {"Open images or kernels", "A folder of pictures to learn from",
                                  "A picture to find the neighbours of"};  ///< One a BrowserTask.

/// Asks for what the user chose and closes the browser.
void open_files(Frame& f, const std::vector<std::string>& names) {
    BrowserView& b = f.view.browser;
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back((b.folder / name).string());
    if (b.task == BrowserTask::open) request_files(f.requests, paths);
    if (b.task == BrowserTask::example) f.requests.training = [path = paths.front()](Training& t) { t.add(path); };
    b.open = false;
    b.chosen.clear();
}

void go_to(BrowserView& b, const fs::path& folder) {
    b.folder = folder.has_relative_path() && !folder.has_filename() ? folder.parent_path()
                                                                    : folder;  // without a slash at its end
    b.typed = folder.string();
    b.filter.clear();
    b.chosen.clear();
}

/// What was typed: a folder to go to, or a file to open.
void enter_path(Frame& f) {
    BrowserView& b = f.view.browser;
    fs::path path = b.typed;
    const char* home = std::getenv("HOME");
    if (home && (b.typed == "~" || b.typed.starts_with("~/"))) path = home + b.typed.substr(1);
    if (path.is_relative()) path = b.folder / path;
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        go_to(b, path.lexically_normal());
    } else {
        b.folder = path.parent_path();
        open_files(f, {path.filename().string()});  // what is wrong with it is said by who opens it
    }
}

/// The folder that is shown is what lessons learn from.
void take_folder(Frame& f) {
    BrowserView& b = f.view.browser;
    TrainView& v = f.view.train;
    v.data.choice = DataChoice::folder;
    v.data.folder = b.folder.string();
    v.cifar10 = f.folder && f.folder->path == b.folder && f.folder->cifar10;
    v.data.classes.clear();
    b.open = false;
    b.chosen.clear();
}

void path_line(Frame& f) {
    BrowserView& b = f.view.browser;
    if (button(f, "browser.up", "Up", "The folder that holds this one")) go_to(b, b.folder.parent_path());
    ImGui::SameLine();
    ImGui::SetNextItemWidth(-ImGui::GetFontSize() * 10 - ImGui::GetStyle().ItemSpacing.x);
    if (ImGui::InputText("##path", &b.typed, ImGuiInputTextFlags_EnterReturnsTrue)) enter_path(f);
    f.map.mark("browser.path");
    tip("The folder; type or paste a path and press Enter");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(-1);
    ImGui::InputTextWithHint("##filter", "find a name", &b.filter);
    f.map.mark("browser.filter");
}

void places(Frame& f) {
    BrowserView& b = f.view.browser;
    const auto place = [&](const std::string& id, const std::string& title, const fs::path& path) {
        if (ImGui::Selectable(fmt::format("{}##{}", title, id).c_str(), b.folder == path)) go_to(b, path);
        f.map.mark(fmt::format("browser.{}", id));
        tip(path.string().c_str());
    };
    section("PLACES");
    if (const char* home = std::getenv("HOME"); home && *home == '/') place("home", "Home", home);
    place("samples", "Samples", (f.assets / "images").lexically_normal());
    place("weights", "Weights", (f.assets / "weights").lexically_normal());
    place("root", "Computer", "/");
    if (!f.settings.folders.empty()) section("LAST FOLDERS");
    for (std::size_t i = 0; i < f.settings.folders.size(); ++i) {
        const fs::path path = f.settings.folders[i];
        place(fmt::format("last{}", i), path.filename().empty() ? path.string() : path.filename().string(), path);
    }
}

/// The picture, or a sign of what the entry is.
void tile_picture(Frame& f, const FolderEntry& entry, ImVec2 at, float side) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const fs::path path = f.folder->path / entry.name;
    const auto thumbnail = f.thumbnails.find(path);
    if (entry.kind == FileKind::picture && thumbnail == f.thumbnails.end() && !f.requests.thumbnail)
        f.requests.thumbnail = path;
    if (thumbnail != f.thumbnails.end() && thumbnail->second) {
        draw.AddImage(texture_id(f.textures.of(thumbnail->second)), at, {at.x + side, at.y + side});
        return;
    }
    const float inset = side * 0.2F;
    const ImU32 ink = ImGui::GetColorU32(ImGuiCol_TextDisabled);
    const ImVec2 a{at.x + inset, at.y + inset * 1.3F}, b{at.x + side - inset, at.y + side - inset};
    if (entry.folder) {
        draw.AddRectFilled({a.x, a.y - inset * 0.4F}, {a.x + (b.x - a.x) * 0.45F, a.y + 2}, ink, 3);
        draw.AddRectFilled(a, b, ink, 4);
        return;
    }
    draw.AddRect(a, b, ink, 4, 0, std::max(1.0F, side / 60));
    const char* word = entry.kind == FileKind::kernels   ? "kernels"
                       : entry.kind == FileKind::session ? "session"
                       : thumbnail == f.thumbnails.end() ? "..."
                                                         : "unreadable";
    ImFont* small = font(Type::small);
    const ImVec2 size = small->CalcTextSizeA(small->FontSize, side, 0, word);
    draw.AddText(small, small->FontSize, {(a.x + b.x - size.x) / 2, (a.y + b.y - size.y) / 2}, ink, word);
}

/// One entry. True when it was double clicked.
bool tile(Frame& f, const FolderEntry& entry, float side) {
    BrowserView& b = f.view.browser;
    const auto at_chosen = std::find(b.chosen.begin(), b.chosen.end(), entry.name);
    const bool was_chosen = at_chosen != b.chosen.end();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float height = side + ImGui::GetTextLineHeightWithSpacing() * 1.2F;
    const bool clicked = ImGui::Selectable(fmt::format("##{}", entry.name).c_str(), was_chosen,
                                           ImGuiSelectableFlags_AllowDoubleClick, {side, height});
    f.map.mark(fmt::format("file.{}", entry.name));
    if (!ImGui::IsItemVisible()) return false;
    tip(entry.folder
            ? entry.name.c_str()
            : fmt::format("{}\n{}", entry.name,
                          entry.bytes < 1000 ? fmt::format("{} bytes", entry.bytes)
                                             : fmt::format("{:.1f} kB", static_cast<double>(entry.bytes) / 1000))
                  .c_str());
    tile_picture(f, entry, at, side);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    ImFont* small = font(Type::small);
    draw.PushClipRect(at, {at.x + side, at.y + height}, true);
    draw.AddText(small, small->FontSize, {at.x + 2, at.y + side + 1}, ImGui::GetColorU32(ImGuiCol_Text),
                 entry.name.c_str());
    draw.PopClipRect();
    if (was_chosen) draw.AddRect(at, {at.x + side, at.y + height}, accent(), 3, 0, std::max(1.0F, side / 48));
    if (!clicked) return false;
    if (ImGui::IsMouseDoubleClicked(0)) return true;
    if (entry.folder) return false;
    if (!ImGui::GetIO().KeyCtrl) {
        b.chosen = {entry.name};
    } else if (was_chosen) {
        b.chosen.erase(at_chosen);
    } else {
        b.chosen.push_back(entry.name);
    }
    return false;
}

void tiles(Frame& f) {
    BrowserView& b = f.view.browser;
    if (!f.folder || f.folder->path != b.folder) {
        ImGui::TextDisabled("Reading the folder ...");
        return;
    }
    const float side = ImGui::GetFontSize() * 7, gap = ImGui::GetStyle().ItemSpacing.x;
    const int columns = std::max(1, static_cast<int>((ImGui::GetContentRegionAvail().x + gap) / (side + gap)));
    int shown = 0;
    const FolderEntry* opened = nullptr;
    for (const FolderEntry& entry : f.folder->entries) {
        if (!b.filter.empty() &&
            std::search(entry.name.begin(), entry.name.end(), b.filter.begin(), b.filter.end(), [](char x, char y) {
                return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
            }) == entry.name.end())
            continue;
        if (shown++ % columns != 0) ImGui::SameLine();
        if (tile(f, entry, side)) opened = &entry;
    }
    if (!f.folder->error.empty()) ImGui::TextWrapped("%s", f.folder->error.c_str());
    const bool data = b.task == BrowserTask::data_folder && f.folder->cifar10;
    if (data) ImGui::TextDisabled("CIFAR-10's binary files: its classes can be chosen.");
    if (shown == 0 && f.folder->error.empty() && !data)
        ImGui::TextDisabled("%s", b.filter.empty() ? "No pictures or kernels here." : "No name has that in it.");
    if (f.folder->others > 0 && !data)
        ImGui::TextDisabled("%zu other file%s: not of a kind that Convlens opens.", f.folder->others,
                            f.folder->others == 1 ? "" : "s");
    if (f.folder->more) ImGui::TextDisabled("Only the first %zu entries are shown.", most_entries);
    if (!opened) return;
    if (opened->folder) {
        go_to(b, b.folder / opened->name);
    } else {
        open_files(f, {opened->name});
    }
}

void buttons(Frame& f) {
    BrowserView& b = f.view.browser;
    const bool entered = !ImGui::GetIO().WantTextInput && key_pressed(ImGuiKey_Enter, false);
    if (b.task == BrowserTask::data_folder) {
        if (button(f, "browser.take", "Learn from this folder",
                   "The folder that is shown: with one sub-folder a class, or CIFAR-10's .bin files, or MNIST's idx "
                   "files"))
            take_folder(f);
    } else {
        if (entered && !b.chosen.empty()) open_files(f, std::vector(b.chosen));
        ImGui::BeginDisabled(b.chosen.empty());
        const std::string title = b.chosen.size() > 1 && b.task == BrowserTask::open
                                      ? fmt::format("Open {} as a batch", b.chosen.size())
                                      : "Open";
        if (button(f, "browser.open", title.c_str(), "Open what is chosen")) open_files(f, std::vector(b.chosen));
        ImGui::EndDisabled();
    }
    ImGui::SameLine();
    if (button(f, "browser.cancel", "Cancel", "Close without opening anything (Esc)")) b.open = false;
    ImGui::SameLine();
    constexpr const char* hints[] = {"Ctrl and click chooses several pictures: they become a batch.",
                                     "A double click goes into a folder. Lessons learn one class a sub-folder.",
                                     "It need not be one of the pictures of the lesson."};
    ImGui::TextDisabled("%s", hints[static_cast<std::size_t>(b.task)]);
}

}  // namespace

void request_files(Requests& requests, const std::vector<std::string>& paths) {
    std::vector<std::string> kernels, pictures;
    for (const std::string& path : paths) {
        if (kind_of(path) == FileKind::session) {
            requests.session = path;
            return;
        }
        (kind_of(path) == FileKind::kernels ? kernels : pictures).push_back(path);
    }
    if (kernels.size() > 1) {
        requests.refused = fmt::format("{} files of kernels were chosen: open one at a time", kernels.size());
    } else if (!kernels.empty()) {
        requests.weights = kernels.front();
    }
    if (!pictures.empty()) requests.images = std::move(pictures);
}

void file_browser(Frame& f) {
    BrowserView& b = f.view.browser;
    if (!b.open) {
        b.task = BrowserTask::open;
        return;
    }
    if (b.folder.empty())
        go_to(b, f.settings.folders.empty() ? (f.assets / "images").lexically_normal()
                                            : fs::path(f.settings.folders.front()));
    if (!f.status.listing && (!f.folder || f.folder->path != b.folder)) f.requests.folder = b.folder;
    const float em = ImGui::GetFontSize();
    if (!begin_overlay("browser", em * 64, em * 42)) return end_overlay();
    ImGui::PushFont(font(Type::title));
    ImGui::TextUnformatted(titles[static_cast<std::size_t>(b.task)]);
    ImGui::PopFont();
    path_line(f);
    const float foot = ImGui::GetFrameHeightWithSpacing() + ImGui::GetStyle().ItemSpacing.y;
    ImGui::BeginChild("places", {em * 11, -foot});
    places(f);
    ImGui::EndChild();
    ImGui::SameLine();
    ImGui::BeginChild("files", {0, -foot});
    tiles(f);
    ImGui::EndChild();
    buttons(f);
    end_overlay();
}

}  // namespace convlens
