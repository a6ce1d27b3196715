/// Where the large parts of a document are from.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace convlens {

/// Something that the program has a word for, or a file. Texts of the command line and of sessions become origins by
/// parse() and texts again by text(); between the two nobody compares texts.
template <class Word>
class Origin {
  public:
    Origin() = default;
    Origin(Word word) : value_(std::move(word)) {}  // implicit, so that it can be compared with a word
    static Origin file(std::string path) {
        Origin origin;
        origin.value_.template emplace<File>(std::move(path));
        return origin;
    }

    /// What a user means who writes `text`: one of the words, or else a file. An empty text is `own`.
    static Origin parse(std::string_view text);

    /// A text that parse() takes for this: the word, or the path, with "./" before it where it could be taken for a
    /// word. Empty for `own`.
    std::string text() const;

    bool is_file() const { return std::holds_alternative<File>(value_); }
    const Word* word() const { return std::get_if<Word>(&value_); }                               ///< Null for a file.
    std::string path() const { return is_file() ? std::get<File>(value_).path : std::string(); }  ///< Of a file.

    friend bool operator==(const Origin&, const Origin&) = default;

  private:
    struct File {
        std::string path;
        explicit File(std::string p) : path(std::move(p)) {}
        friend bool operator==(const File&, const File&) = default;
    };
    std::variant<Word, File> value_;
};

/// A picture that comes with the program: "sample:NAME".
struct Sample {
    std::string name;
    friend bool operator==(const Sample&, const Sample&) = default;
};
using PictureOrigin = Origin<Sample>;

/// Kernels that have no file because the window or a lesson made them, and "alexnet". Paths are "FILE[:KEY]".
enum class KnownKernels { own, alexnet };
using KernelsOrigin = Origin<KnownKernels>;

/// A network whose layers were edited or made by a lesson, "largenet" and "alexnet".
enum class KnownNetwork { own, largenet, alexnet };
using NetworkOrigin = Origin<KnownNetwork>;

/// Weights of a network that have no file because the window or a lesson made them, "convlens" (AlexNet's that come
/// with the program) and "torchvision" (AlexNet's that torchvision publishes).
enum class KnownCheckpoint { own, convlens, torchvision };
using CheckpointOrigin = Origin<KnownCheckpoint>;

}  // namespace convlens
