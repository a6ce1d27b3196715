/// Options shared by the commands: those that describe a document, its display and its backend.
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

/// Values of the options that describe a document, as typed. Malformed values are rejected while parsing (exit status
/// 2); make_document() reports everything else, such as missing files (exit status 1).
struct DocumentOptions {
    std::string session;  ///< A saved session; the other options change its document.
    std::vector<std::string> images;
    std::string tensor;
    std::optional<int> batch;
    std::string resize, crop, shift, normalize, background;
    bool gray = false;
    std::string weights;  ///< Argument of --weights. Empty string: "alexnet" for a single convolution, the network's
                          ///< default weights otherwise.
    std::string bias;
    std::string stride, padding, dilation, padding_mode;
    std::optional<int> groups;
    bool flip = false;
    bool relu = false;
    std::string max_pool;
    std::string network, layer;  ///< Arguments of --network and --layer. Empty network: the session's network, or
                                 ///< "conv" without a session.

    void add_to(CLI::App& app);
    /// Returns true if the user passed any of these options to `app`.
    static bool given(const CLI::App& app);
};

/// Values of the display options, as typed.
struct DisplayArguments {
    std::string scale, colormap, cell, channels, sort;
    std::optional<int> columns, item, gap;
    bool hide_dead = false, mark_beyond = false;

    void add_to(CLI::App& app);
    /// Applies the given options to `display`. The values must have been checked while parsing.
    void change(DisplayOptions& display) const;
};

struct BackendOptions : BackendChoice {
    void add_to(CLI::App& app);
};

/// Makes the document that the options describe; loads all files. Without --session, --image and --tensor the input is
/// sample:cat. Fails if a file cannot be opened or the options contradict each other.
Expected<Document> make_document(const DocumentOptions& options, const DisplayArguments& display,
                                 const NetworkPlaces& places);

}  // namespace convlens
