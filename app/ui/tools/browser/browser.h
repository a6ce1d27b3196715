/// The file browser: pictures, kernels, networks, sessions, with thumbnails.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/tool.h"
#include "app/ui/tools/browser/folder.h"
#include "app/ui/worker.h"

namespace convlens {

/// What becomes of the files that are chosen.
enum class BrowserTask { open, data_folder, example };

/// A file's small picture.
struct Thumbnail {
    std::filesystem::path path;
    std::shared_ptr<const Image> image;  ///< Null when it can't be read.
};

/// The browser and the threads that read for it.
struct Browser {
    Browser();

    BrowserTask task = BrowserTask::open;
    std::filesystem::path folder;   ///< The one to show.
    std::string typed;              ///< The path line ...
    std::filesystem::path entered;  ///< ... and where it leads, until that is known to be a folder or a file.
    std::string filter;
    std::vector<std::string> chosen;  ///< File names in `folder`, in the order of the clicks.

    std::optional<Folder> listed;  ///< What a folder holds; none before the first.
    std::map<std::filesystem::path, std::shared_ptr<const Image>> thumbnails;  ///< Null where there is no picture.
    Worker<std::filesystem::path, Folder> list;
    Worker<std::filesystem::path, Thumbnail> thumbnail;
};

void go_to(Browser& browser, const std::filesystem::path& folder);

/// Opens the browser for that.
void open_browser(Frame& frame, BrowserTask task);

/// Does with the files of the browser's folder what they were chosen for, and closes it.
void use_files(Frame& frame, const std::vector<std::string>& names);

extern const Tool browser_tool;
extern const Overlay browser_overlay;

void browser_panel(Frame& frame);

}  // namespace convlens
