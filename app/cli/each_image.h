/// Commands that evaluate a document on one image after the other.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/cli/commands.h"

namespace convlens {

/// Calls `work` with the document for each image in turn, and the name for messages; an image is a path, "sample:NAME"
/// or "pattern:NAME[:WxH]"; a folder stands for all pictures of its PictureSeries. Without images, calls it once with
/// the document as it is. Errors go to `report_error`, and the other images follow; fails with the error of the last
/// image if all fail.
Expected<void> for_each_image(const std::vector<std::string>& images, const Document& document,
                              const std::function<Expected<void>(const Document&, const std::string&)>& work,
                              const ReportError& report_error);

}  // namespace convlens
