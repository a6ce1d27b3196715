/// Options that several commands share: those that describe a document, its display and the backend.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/backends.h"
#include "engine/document/document.h"
#include "engine/open/open_network.h"
#include "engine/session/scene_view.h"

namespace CLI {
class App;
}

namespace convlens {

/// Values of the options that describe a document, as typed. `convlens render --help` describes the options, whose
/// names are those of the fields. Malformed values are rejected while the command line is parsed (exit status 2);
/// make_document() reports everything else, such as missing files (exit status 1).
struct DocumentOptions {
    std::string session;  ///< Session file; the other options change its document. Empty string: no session.
    std::vector<std::string> images;  ///< Arguments of --image.
    std::string tensor;
    std::optional<int> batch, frame;
    std::string minus;
    std::string resize, crop, shift, normalize, background;
    bool gray = false;
    /// Argument of --weights. Empty string: the session's weights; without a session, "alexnet" for a single
    /// convolution and otherwise the network's default weights.
    std::string weights;
    std::string bias;
    std::string stride, padding, dilation, padding_mode;
    std::optional<int> groups;
    bool flip = false;
    bool relu = false;
    std::string max_pool;
    /// Arguments of --network and --layer. Empty network: the session's network, or "conv" without a session. Empty
    /// layer: see Document::layer.
    std::string network, layer;
    bool fold_batch_norm = false;  ///< Whether fold_batch_norm() is applied to the network.

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
    /// Returns true if the user passed any of these options to `app`.
    static bool given(const CLI::App& app);
};

/// Values of the display options, as typed; empty if not given.
struct DisplayArguments {
    std::string scale, colormap, cell, channels, sort;
    std::optional<int> columns, item, gap;
    bool hide_dead = false, mark_beyond = false;

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
    /// Applies the options that were given to `display`. The values must have been checked while parsing.
    void change(DisplayOptions& display) const;
};

/// Values of the options --backend, --threads, --isa and --shader-dir.
struct BackendOptions : BackendChoice {
    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
};

/// Makes the document that the options describe and loads its files. Without --session, --image and --tensor, the input
/// is sample:cat. Sets `view`, if it is not null, to the view that the session stores, if any. Fails if a file cannot
/// be opened or if options contradict each other.
Expected<Document> make_document(const DocumentOptions& options, const DisplayArguments& display,
                                 const NetworkPlaces& places, std::optional<SceneView>* view = nullptr);

}  // namespace convlens
