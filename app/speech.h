/// Reads texts aloud.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace convlens {

/// Reads one text at a time aloud with spd-say, the program of speech-dispatcher, on a thread of its own. Its functions
/// are called on the same thread.
class Speech {
  public:
    Speech() = default;
    Speech(const Speech&) = delete;
    Speech& operator=(const Speech&) = delete;
    /// Ends the reading and waits for that.
    ~Speech();

    /// Reads `text`, UTF-8, in a language (ISO 639-1), instead of what is read now. `wake` is called on another thread
    /// when the reading has ended.
    void read(std::string text, std::string language, void (*wake)());
    /// Ends the reading, if there is one, without waiting: speech-dispatcher cancels all that it is reading.
    void stop();
    /// Returns why the last reading failed, a sentence, once; nullopt if it has not.
    std::optional<std::string> take_failure();

  private:
    struct Reading {
        std::thread thread;
        std::atomic<bool> quit = false, newer = false, ended = false;
        std::atomic<float> progress = 0;
        std::string failure;  ///< Is read when `ended` is true.
    };
    std::vector<std::shared_ptr<Reading>> readings_;  ///< The newest last; the others are ending.
};

}  // namespace convlens
