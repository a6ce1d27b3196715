/// Draws the file browser: thumbnails, a path field and recent folders.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/browser/browser.h"
#include "app/ui/tools/maximize/maximize.h"
#include "app/ui/tools/train/train.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/core/host.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr Word titles[] = {"Open images, kernels, a network, a session or a lecture",
                           "Choose a folder of training images", "Choose a folder to look for patches",
                           "Choose an image to find its nearest neighbors"};  ///< One per BrowserTask.

/// Opens the typed path, which is a folder or a file.
void enter_path(Frame& f) {
    Browser& b = f.states.of<Browser>();
    fs::path path = b.typed;
    if (const fs::path home = home_folder(); !home.empty() && (b.typed == "~" || b.typed.starts_with("~/")))
        path = home.string() + b.typed.substr(1);
    if (path.is_relative()) path = b.folder / path;
    b.entered = path.lexically_normal();
    // The worker finds out whether it is a folder or a file.
    b.list.submit(std::make_shared<const fs::path>(b.entered));
}

/// Uses the current folder for the browser's task, and closes the browser.
void take_folder(Frame& f) {
    Browser& b = f.states.of<Browser>();
    if (b.task == BrowserTask::patches) look_in_folder(f, b.folder.string());
    if (b.task == BrowserTask::data_folder)
        learn_from(f, b.folder, b.listed && b.listed->path == b.folder && b.listed->cifar10);
    f.view.overlay = nullptr;
    b.chosen.clear();
}

void path_line(Frame& f) {
    Browser& b = f.states.of<Browser>();
    if (button(f, "browser.up", "Up", "Goes to the parent folder")) go_to(b, b.folder.parent_path());
    ImGui::SameLine();
    ImGui::SetNextItemWidth(-ImGui::GetFontSize() * 10 - ImGui::GetStyle().ItemSpacing.x);
    if (ImGui::InputText("##path", &b.typed, ImGuiInputTextFlags_EnterReturnsTrue)) enter_path(f);
    f.map.mark("browser.path");
    tooltip("Current folder; type or paste a path and press Enter to go there");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(-1);
    ImGui::InputTextWithHint("##filter", tr("filter by name"), &b.filter);
    f.map.mark("browser.filter");
}

void places(Frame& f) {
    Browser& b = f.states.of<Browser>();
    const auto place = [&](const std::string& id, const std::string& title, const fs::path& path) {
        if (ImGui::Selectable(fmt::format("{}###{}", title, id).c_str(), b.folder == path)) go_to(b, path);
        f.map.mark(fmt::format("browser.{}", id));
        tooltip_as_shown(path.string().c_str());
    };
    section("PLACES");
    if (const fs::path home = home_folder(); !home.empty()) place("home", tr("Home"), home);
    place("samples", tr("Samples"), (f.assets / "images").lexically_normal());
    place("weights", tr("Weights"), (f.assets / "weights").lexically_normal());
    const std::vector<fs::path> roots = root_folders();
    if (roots.size() == 1) place("root", tr("Computer"), roots.front());
    for (std::size_t i = 0; roots.size() > 1 && i < roots.size(); ++i)
        place(fmt::format("root{}", i), roots[i].string(), roots[i]);
    if (!f.settings.folders.empty()) section("RECENT FOLDERS");
    for (std::size_t i = 0; i < f.settings.folders.size(); ++i) {
        const fs::path path = f.settings.folders[i];
        place(fmt::format("last{}", i), path.filename().empty() ? path.string() : path.filename().string(), path);
    }
}

/// Draws the thumbnail of an image, or an icon for the entry's type, in a square of `side` pixels at `at`.
void tile_picture(Frame& f, const FolderEntry& entry, ImVec2 at, float side) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const fs::path path = f.states.of<Browser>().listed->path / entry.name;
    const auto thumbnail = f.states.of<Browser>().thumbnails.find(path);
    auto& worker = f.states.of<Browser>().thumbnail;
    if (entry.kind == FileKind::picture && thumbnail == f.states.of<Browser>().thumbnails.end() && !worker.busy())
        worker.submit(std::make_shared<const fs::path>(path));
    if (thumbnail != f.states.of<Browser>().thumbnails.end() && thumbnail->second) {
        draw.AddImage(texture_id(f.textures.of(thumbnail->second)), at, {at.x + side, at.y + side});
        return;
    }
    const float inset = side * 0.2F;
    const ImU32 foreground = ImGui::GetColorU32(ImGuiCol_TextDisabled);
    const ImVec2 a{at.x + inset, at.y + inset * 1.3F}, b{at.x + side - inset, at.y + side - inset};
    if (entry.folder) {
        draw.AddRectFilled({a.x, a.y - inset * 0.4F}, {a.x + (b.x - a.x) * 0.45F, a.y + 2}, foreground, 3);
        draw.AddRectFilled(a, b, foreground, 4);
        return;
    }
    draw.AddRect(a, b, foreground, 4, 0, std::max(1.0F, side / 60));
    const char* word = tr(entry.kind == FileKind::kernels                        ? "kernels"
                          : entry.name.ends_with(".onnx")                        ? "network"
                          : entry.kind == FileKind::session                      ? "session"
                          : thumbnail == f.states.of<Browser>().thumbnails.end() ? "..."
                                                                                 : "unreadable");
    ImFont* small = font(Type::small);
    const ImVec2 size = small->CalcTextSizeA(small->FontSize, side, 0, word);
    draw.AddText(small, small->FontSize, {(a.x + b.x - size.x) / 2, (a.y + b.y - size.y) / 2}, foreground, word);
}

/// Draws one entry and handles clicks on it. Returns true if it was double-clicked.
bool tile(Frame& f, const FolderEntry& entry, float side) {
    Browser& b = f.states.of<Browser>();
    const auto at_chosen = std::find(b.chosen.begin(), b.chosen.end(), entry.name);
    const bool was_chosen = at_chosen != b.chosen.end();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float height = side + ImGui::GetTextLineHeightWithSpacing() * 1.2F;
    const bool clicked = ImGui::Selectable(fmt::format("##{}", entry.name).c_str(), was_chosen,
                                           ImGuiSelectableFlags_AllowDoubleClick, {side, height});
    f.map.mark(fmt::format("file.{}", entry.name));
    if (!ImGui::IsItemVisible()) return false;
    const std::string name = printable(entry.name);
    tooltip_as_shown(entry.folder ? name.c_str()
                                  : fmt::format("{}\n{}", name,
                                                entry.bytes < 1000
                                                    ? tr_format("{} bytes", entry.bytes)
                                                    : fmt::format("{:.1f} kB", static_cast<double>(entry.bytes) / 1000))
                                        .c_str());
    tile_picture(f, entry, at, side);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    ImFont* small = font(Type::small);
    draw.PushClipRect(at, {at.x + side, at.y + height}, true);
    draw.AddText(small, small->FontSize, {at.x + 2, at.y + side + 1}, ImGui::GetColorU32(ImGuiCol_Text), name.c_str());
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

/// Returns the entries whose names contain `filter`, ignoring case.
std::vector<const FolderEntry*> matching(const std::vector<FolderEntry>& entries, std::string_view filter) {
    std::vector<const FolderEntry*> found;
    const auto same = [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    };
    for (const FolderEntry& entry : entries)
        if (std::search(entry.name.begin(), entry.name.end(), filter.begin(), filter.end(), same) != entry.name.end() ||
            filter.empty())
            found.push_back(&entry);
    return found;
}

void tiles(Frame& f) {
    Browser& b = f.states.of<Browser>();
    if (!b.listed || b.listed->path != b.folder) {
        ImGui::TextDisabled("%s", tr("Reading the folder ..."));
        return;
    }
    const float side = ImGui::GetFontSize() * 7, gap = ImGui::GetStyle().ItemSpacing.x;
    const int columns = std::max(1, static_cast<int>((ImGui::GetContentRegionAvail().x + gap) / (side + gap)));
    const std::vector<const FolderEntry*> shown = matching(b.listed->entries, b.filter);
    const FolderEntry* opened = nullptr;
    ImGuiListClipper clipper;  // of the rows: a folder may have 100,000 entries
    clipper.Begin((static_cast<int>(shown.size()) + columns - 1) / columns);
    while (clipper.Step())
        for (std::size_t i = static_cast<std::size_t>(clipper.DisplayStart * columns);
             i < std::min(shown.size(), static_cast<std::size_t>(clipper.DisplayEnd * columns)); ++i) {
            if (i % static_cast<std::size_t>(columns) != 0) ImGui::SameLine();
            if (tile(f, *shown[i], side)) opened = shown[i];
        }
    if (!b.listed->error.empty()) ImGui::TextWrapped("%s", b.listed->error.c_str());
    const bool training = b.task == BrowserTask::data_folder;
    const bool data = (training || b.task == BrowserTask::patches) && b.listed->cifar10;
    if (data)
        ImGui::TextDisabled("%s", tr(training ? "CIFAR-10 binary files found: choose the classes in the training panel."
                                              : "CIFAR-10 binary files found."));
    if (shown.empty() && b.listed->error.empty() && !data)
        ImGui::TextDisabled("%s", tr(b.filter.empty() ? "No images, kernels or sessions in this folder."
                                                      : "No file name matches the filter."));
    if (b.listed->others > 0 && !data)
        ImGui::TextDisabled("%s", b.listed->others == 1
                                      ? tr("1 other file of an unsupported type.")
                                      : tr_format("{} other files of unsupported types.", b.listed->others).c_str());
    if (b.listed->more)
        ImGui::TextDisabled("%s",
                            tr_format("This folder has more entries; only {} of them are shown.", max_entries).c_str());
    if (!opened) return;
    if (opened->folder) {
        go_to(b, b.folder / opened->name);
    } else {
        use_files(f, {opened->name});
    }
}

void buttons(Frame& f) {
    auto& b = f.states.of<Browser>();
    const bool entered = !ImGui::GetIO().WantTextInput && key_pressed(ImGuiKey_Enter, false);
    if (b.task == BrowserTask::data_folder) {
        if (button(
                f, "browser.take", "Train on this folder",
                "Uses the current folder as training data: one subfolder of images per class, CIFAR-10's .bin files or "
                "MNIST's idx files"))
            take_folder(f);
    } else if (b.task == BrowserTask::patches) {
        if (button(f, "browser.look", "Look in this folder",
                   "Looks for the strongest patches in all pictures of the current folder and of its subfolders, or in "
                   "the training examples of CIFAR-10's .bin files or MNIST's idx files"))
            take_folder(f);
    } else {
        if (entered && !b.chosen.empty()) use_files(f, std::vector(b.chosen));
        ImGui::BeginDisabled(b.chosen.empty());
        const std::string title = b.chosen.size() > 1 && b.task == BrowserTask::open
                                      ? tr_format("Open {} as a batch", b.chosen.size())
                                      : tr("Open");
        if (button(f, "browser.open", title.c_str(), "Opens the selected files")) use_files(f, std::vector(b.chosen));
        ImGui::EndDisabled();
    }
    ImGui::SameLine();
    if (button(f, "browser.cancel", "Cancel", "Closes the file browser without opening a file (Esc)"))
        f.view.overlay = nullptr;
    ImGui::SameLine();
    constexpr Word hints[] = {"Ctrl+click selects several images as a batch.",
                              "Double-click a folder to go there. Each of its subfolders is one class.",
                              "Double-click a folder to go there. The pictures of its subfolders belong to it.",
                              "Choose any image; it does not have to be in the lesson's data set."};
    ImGui::TextDisabled("%s", tr(hints[static_cast<std::size_t>(b.task)]));
}

}  // namespace

void browser_panel(Frame& f) {
    auto& b = f.states.of<Browser>();
    if (b.folder.empty())
        go_to(b, f.settings.folders.empty() ? (f.assets / "images").lexically_normal()
                                            : fs::path(f.settings.folders.front()));
    if (!b.list.busy() && (!b.listed || b.listed->path != b.folder))
        b.list.submit(std::make_shared<const fs::path>(b.folder));
    const float em = ImGui::GetFontSize();
    if (!begin_overlay("browser", em * 64, em * 42)) return end_overlay();
    ImGui::PushFont(font(Type::title));
    ImGui::TextUnformatted(tr(titles[static_cast<std::size_t>(b.task)]));
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
