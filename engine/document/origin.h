/// Sources of the large parts of a document.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace convlens {

/// Origin of a part: a built-in item with a name, or a file. parse() converts a text of the command line or of a
/// session to an origin, and text() converts an origin to a text. All other code compares origins, never texts.
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

    /// Interprets `text`: one of the built-in words, otherwise a file. An empty text means `own`.
    static Origin parse(std::string_view text);

    /// Returns a text that parse() converts to this origin: the word, or the path, with "./" before it if it could be
    /// mistaken for a word. Returns an empty text for `own`.
    std::string text() const;

    bool is_file() const { return std::holds_alternative<File>(value_); }
    /// Returns the built-in item; null for a file.
    const Word* word() const { return std::get_if<Word>(&value_); }
    /// Returns the path; empty for a built-in item.
    std::string path() const { return is_file() ? std::get<File>(value_).path : std::string(); }

    friend bool operator==(const Origin&, const Origin&) = default;

  private:
    struct File {
        std::string path;
        explicit File(std::string p) : path(std::move(p)) {}
        friend bool operator==(const File&, const File&) = default;
    };
    std::variant<Word, File> value_;
};

/// An image shipped with the program: "sample:NAME".
struct Sample {
    std::string name;
    friend bool operator==(const Sample&, const Sample&) = default;
};
using PictureOrigin = Origin<Sample>;

/// Kernels without a file, made in the window or by a lesson, and "alexnet". Paths are "FILE[:KEY]".
enum class KnownKernels { own, alexnet };
using KernelsOrigin = Origin<KnownKernels>;

/// A network whose layers were edited or made by a lesson, "largenet" and "alexnet".
enum class KnownNetwork { own, largenet, alexnet };
using NetworkOrigin = Origin<KnownNetwork>;

/// Weights without a file, made in the window or by a lesson; "convlens" (the AlexNet weights shipped with the
/// program); and "torchvision" (the AlexNet weights published by torchvision).
enum class KnownCheckpoint { own, convlens, torchvision };
using CheckpointOrigin = Origin<KnownCheckpoint>;

}  // namespace convlens
