/// The browser tool: its worker threads, and what happens to the selected files.
#include "app/ui/tools/browser/browser.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <utility>

#include "app/ui/frame.h"
#include "app/ui/tools/train/train.h"
#include "app/ui/wake.h"
#include "app/web/page.h"
#include "engine/core/printable.h"
#include "engine/core/sentence.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr int thumbnail_side = 160;
constexpr std::size_t max_thumbnails = 1000;  ///< At 100 KB each.

constexpr Action rows[] = {
    {"open",
     "Open image, kernels, network or session ...",
     Menu::file,
     {{{'O', GLFW_MOD_CONTROL}}},
     [](const Frame&) { return true; },
     [](Frame& f) { open_browser(f, BrowserTask::open); }},
};

void poll(Frame& f) {
    auto& b = f.states.of<Browser>();
    if (auto listed = b.list.poll()) {
        f.requests.redraw = true;
        if (const fs::path entered = std::exchange(b.entered, {}); !entered.empty() && listed->path == entered) {
            if (!listed->folder) {  // a file, or a path that does not exist: opening it reports the error
                b.folder = entered.parent_path();
                return use_files(f, {entered.filename().string()});
            }
            go_to(b, entered);
        }
        b.thumbnails.clear();
        b.listed = std::move(*listed);
        if (!b.listed->error.empty()) f.requests.error = b.listed->error;
    }
    if (const auto made = b.thumbnail.poll()) {
        f.requests.redraw = true;
        if (b.thumbnails.size() >= max_thumbnails) b.thumbnails.clear();  // those on screen are made again
        b.thumbnails[made->path] = made->image;
    }
}

bool busy(States& states) {
    const auto& b = states.of<Browser>();
    return b.list.busy() || b.thumbnail.busy();
}

void report(Frame& f) {
    f.map.state("thumbnails",
                fmt::format("{}", std::ranges::count_if(f.states.of<Browser>().thumbnails,
                                                        [](const auto& t) { return t.second != nullptr; })));
}

}  // namespace

Browser::Browser()
    : list(
          [] {
              return [](const fs::path& path, const Cancel&) {
                  try {
                      return std::optional(list_folder(path));
                  } catch (const std::exception& error) {  // no memory, or a name that has no UTF-8 form
                      Folder unread;
                      unread.path = path;
                      unread.error = printable(sentence("the folder cannot be listed: {}", error.what()));
                      return std::optional(unread);
                  }
              };
          },
          wake_window),
      thumbnail(
          [] {
              return [](const fs::path& path, const Cancel&) {
                  return std::optional(Thumbnail{path, thumbnail_of(path, thumbnail_side)});
              };
          },
          wake_window) {}

void go_to(Browser& b, const fs::path& folder) {
    b.folder = folder.has_relative_path() && !folder.has_filename() ? folder.parent_path()
                                                                    : folder;  // removes a trailing slash
    b.typed = folder.string();
    b.filter.clear();
    b.chosen.clear();
}

void open_browser(Frame& f, BrowserTask task) {
    if constexpr (in_browser) {
        if (task != BrowserTask::data_folder && task != BrowserTask::patches) return page::choose_files();
        f.requests.error =
            "The web page can open files, but not folders: for folders of images, use Convlens on the desktop";
        return;
    }
    f.states.of<Browser>().task = task;
    f.view.overlay = &browser_overlay;
}

void use_files(Frame& f, const std::vector<std::string>& names) {
    auto& b = f.states.of<Browser>();
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back((b.folder / name).string());
    if (b.task == BrowserTask::open) open_files(f, paths);
    if (b.task == BrowserTask::example) train(f, command::AddFile{paths.front()});
    f.view.overlay = nullptr;
    b.chosen.clear();
}

const Overlay browser_overlay{.draw = browser_panel, .letters = true};

const Tool browser_tool{.id = "browser", .actions = rows, .poll = poll, .busy = busy, .report = report};

}  // namespace convlens
