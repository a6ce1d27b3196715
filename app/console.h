/// The console that the program was started from.
#pragma once

#include "engine/core/result.h"

namespace convlens {

/// While the object exists, what is printed is UTF-8, without translation of line ends, and escape sequences work. Does
/// nothing on systems other than Windows, where that is always so. Only one object may exist at a time, in main().
class Console {
  public:
    Console();
    ~Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    /// Closes a console that Windows opened only for this process, as on a double click: for the window.
    void leave();

    /// Prints an error to stderr, or shows it in a dialog box if nobody can see stderr.
    void report(const Error& error) const;

  private:
    unsigned code_page_ = 0;  ///< The code page before; 0 if there is no console.
};

}  // namespace convlens
