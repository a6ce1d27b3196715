/// The options that describe a document, its look and its backend, shared by all commands.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/backends.h"
#include "engine/document/document.h"
#include "engine/open/open_network.h"

namespace CLI {
class App;
}

namespace convlens {

/// What the user typed. Values that are no words of the option's language are refused while parsing (exit status 2);
/// make_document() then meets the world (exit status 1).
struct DocumentOptions {
    std::string session;  ///< A saved document that the other options change.
    std::vector<std::string> images;
    std::string tensor;
    std::optional<int> batch;
    std::string resize, crop, shift, normalize, background;
    bool gray = false;
    std::string weights;  ///< Empty: alexnet for one convolution, the network's own otherwise.
    std::string bias;
    std::string stride, padding, dilation, padding_mode;
    std::optional<int> groups;
    bool flip = false;
    bool relu = false;
    std::string max_pool;
    std::string network, layer;  ///< Empty network: the session's, else "conv".

    void add_to(CLI::App& app);
};

struct DisplayArguments {
    std::string scale, colormap, cell, channels, sort;
    std::optional<int> columns, item, gap;
    bool hide_dead = false, mark_beyond = false;

    void add_to(CLI::App& app);
    /// `display` with what the words say; they have been checked while parsing.
    void change(DisplayOptions& display) const;
};

struct BackendOptions : BackendChoice {
    void add_to(CLI::App& app);
};

/// Loads what the options name. Without --session, --image and --tensor the input is the cat that comes with the
/// program.
Expected<Document> make_document(const DocumentOptions& options, const DisplayArguments& display,
                                 const NetworkPlaces& places);

}  // namespace convlens
