"""Sets large kernels beside OpenCV's filter2D, and responses and singular values beside NumPy: filter_bench.py CONVLENS_FILTER_BENCH [ROUNDS]

Both take turns, three runs each; the median of all runs counts. Needs python3-opencv and python3-numpy. Nothing passes or fails here:
docs/PERFORMANCE.md has what was measured.
"""
import statistics
import subprocess
import sys
import time

import cv2
import numpy as np

random = np.random.default_rng(1)
RUNS = 3


def filter2d(kernels, channels, side):
    """The sum over channels of filter2D, which uses the DFT for these sizes, with zeros beyond the borders."""
    planes = [random.normal(size=(1080, 1920)).astype(np.float32) for _ in range(channels)]
    weight = random.normal(size=(kernels, channels, side, side)).astype(np.float32)

    def work():
        for kernel in weight:
            total = cv2.filter2D(planes[0], cv2.CV_32F, kernel[0], borderType=cv2.BORDER_CONSTANT)
            for plane, k in zip(planes[1:], kernel[1:]):
                cv2.add(total, cv2.filter2D(plane, cv2.CV_32F, k, borderType=cv2.BORDER_CONSTANT), total)
    return work


def numpy_responses():
    weight = np.zeros((64, 3, 128, 128), np.float32)
    weight[:, :, :11, :11] = random.normal(size=(64, 3, 11, 11))
    return lambda: np.sqrt((np.abs(np.fft.rfft2(weight))**2).sum(1))


def numpy_svd():
    weight = random.normal(size=(64, 3, 11, 11))
    return lambda: np.linalg.svd(weight)


ROWS = (("101x101", "8 kernels 101x101, gray 1080x1920", "OpenCV", lambda: filter2d(8, 1, 101), 100),
        ("31x31", "64 kernels 31x31, 3x1080x1920", "OpenCV", lambda: filter2d(64, 3, 31), 600),
        ("responses", "responses of 64 kernels 3x11x11, 128x128", "NumPy", numpy_responses, 10),
        ("svd", "singular values of 64 kernels 3x11x11", "NumPy", numpy_svd, 20))


def milliseconds(work):
    """Wall-clock time, and CPU time of all threads."""
    start, before = time.perf_counter(), time.process_time()
    work()
    return 1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - before)


def words(times):
    wall, processor = zip(*times)
    return f"{statistics.median(wall):.1f} ({min(wall):.1f}) wall, {statistics.median(processor):.1f} CPU"


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(f"OpenCV {cv2.__version__} ({cv2.getNumThreads()} threads), NumPy {np.__version__}; median (smallest) of {RUNS * rounds} runs in ms; CPU time is summed over threads")
    for row, what, other, make, goal in ROWS:
        work, ours, theirs = make(), [], []
        for _ in range(rounds):
            lines = subprocess.run([program, row, str(RUNS)], check=True, capture_output=True, text=True).stdout.splitlines()
            ours += [tuple(map(float, line.split())) for line in lines]
            work()
            theirs += [milliseconds(work) for _ in range(RUNS)]
        with open("/proc/loadavg") as file:
            load = file.read().split()[0]
        ratio = statistics.median(wall for wall, _ in ours) / statistics.median(wall for wall, _ in theirs)
        print(f"{what}: {words(ours)}, goal {goal}; {other} {words(theirs)}; ratio {ratio:.2f}; load average {load}", flush=True)


main()
