/// The console that the program was started from.
#pragma once

#include "engine/core/result.h"

namespace convlens {

/// Prepares the console for output. While the object exists, stdout and stderr are UTF-8, line ends are written
/// unchanged, and escape sequences work. On systems other than Windows that is always so; there, the constructor opens
/// /dev/null in the place of standard streams that are closed. Make one object, in main(), before any file is opened.
class Console {
  public:
    Console();
    ~Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    /// Detaches the process from its console if the console was opened only for this process, as when the user
    /// double-clicks the program. Call it before the window opens. Does nothing on systems other than Windows.
    void leave();

    /// Prints an error to stderr. On Windows, shows it in a dialog box if stderr is neither a console, a file nor a
    /// pipe.
    void report(const Error& error) const;

  private:
    /// On Windows, the console's code page before the constructor changed it; 0 if there is no console.
    [[maybe_unused]] unsigned code_page_ = 0;
};

}  // namespace convlens
