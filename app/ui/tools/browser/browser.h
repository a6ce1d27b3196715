/// The file browser with thumbnails: images, kernels, networks and sessions.
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

/// Purpose of the selected files.
enum class BrowserTask { open, data_folder, example };

/// Thumbnail of a file.
struct Thumbnail {
    std::filesystem::path path;
    std::shared_ptr<const Image> image;  ///< Null if the file cannot be read.
};

/// The browser and its worker threads.
struct Browser {
    Browser();

    BrowserTask task = BrowserTask::open;
    std::filesystem::path folder;   ///< The folder to show.
    std::string typed;              ///< Text of the path field.
    std::filesystem::path entered;  ///< Path entered in the path field, until it is known to be a folder or a file.
    std::string filter;
    std::vector<std::string> chosen;  ///< File names in `folder`, in the order in which they were selected.

    std::optional<Folder> listed;  ///< Contents of a folder; nullopt until the first folder has been read.
    std::map<std::filesystem::path, std::shared_ptr<const Image>> thumbnails;  ///< Null if there is no thumbnail.
    Worker<std::filesystem::path, Folder> list;
    Worker<std::filesystem::path, Thumbnail> thumbnail;
};

void go_to(Browser& browser, const std::filesystem::path& folder);

/// Opens the browser for this purpose.
void open_browser(Frame& frame, BrowserTask task);

/// Applies the task of the file browser to the files `names` of its folder, and closes it.
void use_files(Frame& frame, const std::vector<std::string>& names);

extern const Tool browser_tool;
extern const Overlay browser_overlay;

void browser_panel(Frame& frame);

}  // namespace convlens
