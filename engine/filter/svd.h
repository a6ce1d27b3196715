/// The singular value decomposition of small matrices.
#pragma once

#include <span>
#include <vector>

namespace convlens {

/// A = U diag(S) V^T for a matrix A of `rows` x `columns`: `rank` = min(rows, columns) singular values in descending
/// order, with orthonormal vectors. Where a singular value is zero, the vector in `u` is zero, too.
struct Svd {
    int rows = 0, columns = 0, rank = 0;
    std::vector<double> s;  ///< [i]
    std::vector<double> u;  ///< [i][row]: the i-th column of U.
    std::vector<double> v;  ///< [i][column]: the i-th column of V.
};

/// Decomposes the matrix `values`, given row by row, by Jacobi rotations of pairs of its columns (one-sided Jacobi:
/// Golub and Van Loan, Matrix Computations, section 8.6.3), which gives also small singular values to full precision.
Svd svd(std::span<const double> values, int rows, int columns);

}  // namespace convlens
