/// The file browser: opens images, kernels, networks, sessions and lectures, and shows images as thumbnails.
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

/// What the selected files are used for.
enum class BrowserTask {
    open,         ///< Images become the input; kernels, networks, sessions and lectures are opened.
    data_folder,  ///< The folder in the browser becomes the training data.
    patches,      ///< Optimal inputs look for the strongest patches in the folder in the browser.
    example       ///< The image is added to the lesson on features, which finds its nearest neighbors.
};

/// Thumbnail of a file.
struct Thumbnail {
    std::filesystem::path path;
    std::shared_ptr<const Image> image;  ///< Null if the file cannot be read.
};

/// State of the file browser, and its worker threads.
struct Browser {
    Browser();

    BrowserTask task = BrowserTask::open;
    std::filesystem::path folder;   ///< The folder to show, also while `list` is still reading it.
    std::string typed;              ///< Text of the path field.
    std::filesystem::path entered;  ///< Path that was entered in the path field, until `list` has found out whether it
                                    ///< is a folder or a file; empty otherwise.
    std::string filter;             ///< Only entries whose names contain this text are shown; ignores case.
    std::vector<std::string> chosen;  ///< File names in `folder`, in the order in which they were selected.

    std::optional<Folder> listed;  ///< The folder that was read last; nullopt before the first one.
    std::map<std::filesystem::path, std::shared_ptr<const Image>> thumbnails;  ///< Null if the file cannot be read;
                                                                               ///< no entry until it is made.
    Worker<std::filesystem::path, Folder> list;                                ///< Reads folders.
    Worker<std::filesystem::path, Thumbnail> thumbnail;                        ///< Makes thumbnails.
};

/// Makes the browser show `folder`, and clears the filter and the selection.
void go_to(Browser& browser, const std::filesystem::path& folder);

/// Opens the file browser for `task`. In the web page, opens the browser's own file dialog instead, which has no
/// folders: the tasks that need a folder show an error message.
void open_browser(Frame& frame, BrowserTask task);

/// Uses the files `names` (at least one) of the browser's folder for its task, and closes the browser.
void use_files(Frame& frame, const std::vector<std::string>& names);

/// The browser's entry in the table of tools, and its overlay.
extern const Tool browser_tool;
extern const Overlay browser_overlay;

/// Draws the file browser as an overlay.
void browser_panel(Frame& frame);

}  // namespace convlens
