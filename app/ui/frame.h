/// What passes between the main loop, the worker and the panels.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <glm/vec2.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/either_backend.h"
#include "app/settings.h"
#include "app/ui/compared.h"
#include "app/ui/folder.h"
#include "app/ui/lab_job.h"
#include "app/ui/lecture_view.h"
#include "app/ui/take_out.h"
#include "app/ui/texture_cache.h"
#include "app/ui/training.h"
#include "app/ui/ui_map.h"
#include "engine/document/document.h"
#include "engine/document/plan.h"
#include "engine/explain/explain.h"
#include "engine/nn/layer_numbers.h"
#include "engine/nn/taps.h"
#include "engine/open/open.h"
#include "engine/view/grid.h"

namespace convlens {

/// What the middle of the window shows.
enum class Tool { grid, microscope, slide, lab, compare, features };

/// What the panel at the right shows.
enum class Side { kernels, why, edit, train };

/// How the grid lies in its area. Zoom 1 fits all cells, or the first 8 rows where there are more.
struct GridView {
    Size2 area;                    ///< Pixels that the grid has.
    float zoom = 1.0F;             ///< 1/4 to 64.
    glm::vec2 center{0.5F, 0.0F};  ///< Which point of the whole grid, 0..1 both ways, lies in the middle of the area;
                                   ///< what reaches over the grid's border is cut to it.
    std::optional<int> enlarged;   ///< One channel alone, as large as fits.
    friend bool operator==(const GridView&, const GridView&) = default;
};

/// What the evaluate worker is asked for.
struct ShowRequest {
    Document document;
    GridView view;
    std::optional<Spot> probe;                ///< The values of all channels at this spot are wanted.
    std::optional<Spot> explain;              ///< So is the reason of this one.
    std::optional<int> histogram;             ///< Of this channel.
    std::optional<int> stage;                 ///< So are the pictures of the sliding window, of this output channel.
    std::optional<CompareRequest> compare;    ///< So is the comparison.
    std::optional<TakeOut> take;              ///< Draw and read what is to be taken out.
    std::optional<std::string> weights_path;  ///< Write the network's weights there.
    BackendUse use = BackendUse::automatic;
    int measure = 0;          ///< Measure both back ends, once for each new number but 0;
    bool any_driver = false;  ///< OpenGL also where it is a program on the CPU.
    friend bool operator==(const ShowRequest&, const ShowRequest&) = default;
};

/// A layer on the way from the input to a value.
struct Passed {
    std::string name;  ///< "input" or the layer's.
    int channel = 0;   ///< The one in the picture; -1 for all of them.
    int channels = 0;  ///< How many the layer has.
    Size2 map;
    std::shared_ptr<const Image> picture;  ///< Null where the layer has no maps.
    Rect box;  ///< What of the map the value depends on; of the last layer the value itself.
};

/// Why a value is what it is.
struct Why {
    std::shared_ptr<const Explanation> explanation;  ///< Null for none.
    std::vector<Passed> path;                        ///< From the input to the layer that is shown.
};

/// What a window travels over, and what it leaves behind.
struct Stage {
    std::string layer;
    int channel = 0;        ///< Of the output.
    int input_channel = 0;  ///< The one in the picture; -1 for all three colours.
    WindowShape window;
    Shape input, output;
    std::shared_ptr<const Image> padded;       ///< The input with its padding; null where the layer has no window.
    std::shared_ptr<const Image> picture;      ///< The output.
    Look look;                                 ///< Of `picture`.
    std::weak_ptr<const Activations> made_by;  ///< Whose picture it is.
};

/// What is on screen: plain values, nothing of the worker's thread.
struct Shown {
    ShowRequest request;
    Shape input_shape, output_shape;
    Network network;            ///< The layers that ran; their weights are shared.
    int shown_layer = 0;        ///< Its index in the network.
    Look look;                  ///< The look of `picture`: cell and region are set.
    GridLayout layout;          ///< Of the cells in `picture`'s coordinates before look.region was cut out.
    std::vector<int> channels;  ///< Of the cells, in their order.
    std::vector<ChannelStats> stats;
    std::vector<Range> ranges;  ///< One a cell.
    std::shared_ptr<const Image> picture;
    std::shared_ptr<const Image> input;    ///< The batch item as the network sees it, small.
    std::shared_ptr<const Image> kernels;  ///< All kernels, kernel_columns in a row.
    int kernel_columns = 8;
    std::shared_ptr<const Tensor>
        weight;                        ///< Of the convolution whose kernels make these channels; null where none does.
    std::string layer;                 ///< Name of the layer that is shown.
    std::vector<float> probed;         ///< One value a channel at request.probe; empty without.
    Why why;                           ///< Of request.explain.
    Stage stage;                       ///< Of request.stage.
    std::optional<Compared> compared;  ///< Of request.compare.
    std::vector<float> histogram;  ///< How many values of request.histogram lie in each of equal parts from its minimum
                                   ///< to its maximum.
    std::string backend, kernels_title, normalize;
    double forward_ms = 0;
    std::size_t multiply_accumulates = 0;
    std::optional<Comparison> comparison;  ///< Of the back ends on this network and input, where it was made.
    std::string gl_failure;                ///< Why OpenGL is not used although it is asked for; else empty.
    std::string note;                      ///< News for the status bar: "saved cat-grid.png".
    std::string save_error;                ///< Why request.weights_path was not written.
    std::shared_ptr<const Taken> taken;    ///< Of request.take.
};

/// The command palette.
struct PaletteView {
    bool open = false;
    std::string typed;
    int chosen = 0;  ///< Of the actions that match.
};

/// What becomes of the files that are chosen in the browser.
enum class BrowserTask { open, data_folder, example };

/// The file browser.
struct BrowserView {
    bool open = false;
    BrowserTask task = BrowserTask::open;  ///< BrowserTask::open again once it is closed.
    std::filesystem::path folder;          ///< The one to show.
    std::string typed;                     ///< The path line.
    std::string filter;
    std::vector<std::string> chosen;  ///< File names in `folder`, in the order of the clicks.
};

/// A number that is being typed instead of slid.
struct TypedNumber {
    unsigned id = 0;       ///< ImGui's of the slider; 0 for none.
    bool focused = false;  ///< The text field has the keyboard.
    int seen = 0;          ///< ImGui's frame in which the field was drawn last: a row may vanish while it is typed in.
    unsigned clicked = 0;  ///< The slider clicked last ...
    int before_click = 0;  ///< ... and its value before that click, which a double click brings back.
};

/// The draft's layers, for the cards: also of a network that can't run as it stands.
struct Chain {
    NetworkPlan plan;
    NetworkNumbers numbers;  ///< For the input of the last picture.
    std::string error;       ///< Why the layer to show can't be shown; else empty.

    /// What comes out of layer `index`, or of the last one before it that runs.
    Shape output_of(std::size_t index) const {
        if (numbers.layers.empty()) return {1, 1, 1, 1};
        return numbers.layers[index < numbers.layers.size() ? index : numbers.layers.size() - 1].output;
    }
};

/// The window on its way over the input.
struct SlideView {
    double position = 0;  ///< In output values, row by row.
    bool playing = false;
    float speed = 1;   ///< 1 is four values a second.
    WindowShape last;  ///< As it was drawn last ...
    std::array<double, 4> changed{-9, -9, -9,
                                  -9};  ///< ... and ImGui's times when kernel_size, stride, padding, dilation changed.
    float turned = -1;                  ///< How far the kernel is turned for a flip, 0 to 1; -1 before the first frame.
    float zoom = 0;  ///< Of the input's picture; 1 shows all of it, 0 as much as makes the window easy to see.
};

/// The kernel editor.
struct EditorView {
    bool alike = false;  ///< Changes go to all input channels.
    bool paint = false;  ///< The mouse paints `brush`; else it drags values up and down.
    float brush = 1;
    std::size_t cell = 0;  ///< The one that is dragged or typed.
    int first_plane = 0;   ///< The first input channel that is shown of many.
    std::shared_ptr<const Tensor> resized_from,
        resized_to;   ///< While the bank is what the last change of kernel_size made: what it made it of.
    int formula = 0;  ///< 0: none; Gaussian, its derivative, Gabor.
    float sigma = 1.5F, angle = 0, wavelength = 4;
};

/// What the next lesson is to be, and what of the one at hand is pointed at.
struct TrainView {
    int kernel = -1;           ///< 0 is the marked kernel, then come the edge filters; -1 before one was chosen.
    DataSource data;           ///< Of LargeNet and of the models on features.
    bool cifar10 = false;      ///< data.folder holds CIFAR-10's files.
    bool from_screen = false;  ///< LargeNet goes on from the weights on screen.
    bool shown_layer = false;  ///< Features of the layer on screen, not of the deepest.
    int filter_size = 11;
    int seed = 1;
    Lesson begun = Lesson::none;  ///< The lesson for which the list of lessons was folded.
    std::optional<int> hovered;   ///< A picture of lesson 4 whose points are marked in both spaces.
    std::map<int, std::shared_ptr<const Image>> pictures;  ///< Of lesson 4, as they were needed ...
    SharedDataSet pictures_of;                             ///< ... and of this data.
};

/// What the window shows beside the document; not undoable.
struct View {
    Tool tool = Tool::grid;
    Side side = Side::kernels;
    SlideView slide;
    LabView lab;
    CompareRequest compare;
    EditorView editor;
    TrainView train;
    float terms_zoom = 1.0F;  ///< Of the microscope's cells, 1 to 8.
    float terms_height = 0;   ///< Of all that the microscope drew last, in pixels.
    LectureView lecture;
    std::filesystem::path crashed;  ///< A session that is offered again; empty for none.
    GridView grid;
    std::optional<Spot> pin;    ///< The value that is explained even when the mouse is elsewhere.
    std::optional<int> marked;  ///< A channel that grid and kernel strip both mark.
    std::optional<Spot> hover;  ///< Under the mouse, or under the arrow keys' cursor.
    bool by_keys = false;       ///< The arrow keys hold `hover` until the mouse moves over the grid.
    bool panels = true;
    bool light = false;
    float ui_scale = 1.0F;
    std::string card;  ///< The layer whose card was brought into sight last.
    bool help = false;
    BackendUse use = BackendUse::automatic;
    bool backends = false;  ///< The choice of back end is open.
    PaletteView palette;
    BrowserView browser;
    ExportView exporting;
    TypedNumber typing;
};

/// What a panel asks of the main loop.
struct Requests {
    std::vector<std::string> images;     ///< Open these specs as the input.
    std::optional<std::string> weights;  ///< Open this spec as kernels, or as the weights of a network of many layers.
    std::optional<std::string> network;  ///< Open this spec as the network.
    bool save_weights = false;
    std::optional<std::string> session;  ///< Open this session or lecture.
    bool save_session = false, save_lecture = false;
    std::optional<int> scene;  ///< Go to this scene of the lecture, as it was saved.
    bool capture_scene = false, lecture_mode = false;
    std::optional<bool> code;                        ///< Copy the script: true for NumPy's, false for PyTorch's.
    std::optional<TakeOut> take;                     ///< Write it, or put it on the clipboard.
    std::optional<std::filesystem::path> folder;     ///< List this folder for the browser.
    std::optional<std::filesystem::path> thumbnail;  ///< Make this file's; ignored while another is made.
    std::function<void(Training&)> training;         ///< Do this to the lesson.
    bool use_trained = false;  ///< The lesson's weights on screen become the document's, and it ends.
    bool measure = false;      ///< Measure both back ends.
    std::string copy;          ///< Put this text on the clipboard.
    int undo = 0, redo = 0;    ///< Steps.
    bool quit = false, fullscreen = false;
    std::string refused;  ///< A sentence about what can't be asked for.
};

/// State of the moment, to be read by the panels.
struct Status {
    bool busy = false;  ///< The picture on screen is older than the document.
    double busy_seconds = 0;
    float progress = 0;
    bool loading = false;
    bool writing = false;   ///< A file is being encoded and written, or waits for its turn.
    bool listing = false;   ///< The browser's folder is being read.
    std::string error;      ///< Until the next success.
    bool outdated = false;  ///< The document could not be computed: what is on screen is the last good picture.
    std::string note;
    std::size_t undo_depth = 0, redo_depth = 0;
};

/// Everything that a panel may read or change during one frame.
struct Frame {
    Document& draft;
    View& view;
    const Shown* shown;  ///< Null before the first picture.
    const Status& status;
    const Chain& chain;
    TextureCache& textures;
    const Assets& assets;
    const Settings& settings;
    const Folder* folder;  ///< What the browser's folder holds; null before the first.
    const std::map<std::filesystem::path, std::shared_ptr<const Image>>&
        thumbnails;  ///< Null where there is no picture.
    Requests& requests;
    UiMap& map;
    const TrainingShown& training;
    const LabShown* lab;  ///< Null before the lab's first answer.
};

}  // namespace convlens
