"""scripts/get-weights, from a file:// address: checks the content, puts it where torch.hub and Convlens look."""
import hashlib
import os
import subprocess
import sys
import tempfile

SCRIPT, PROGRAM = sys.argv[1], sys.argv[2]


def fetch(folder, path, name="alexnet"):
    env = {**os.environ, "TORCH_HOME": f"{folder}/torch", "CONVLENS_WEIGHTS_URL": f"file://{path}"}
    return subprocess.run([SCRIPT, name], env=env, capture_output=True, text=True)


with tempfile.TemporaryDirectory() as folder:
    content = b"not the real weights" * 1000
    digits = hashlib.sha256(content).hexdigest()[:8]
    good, bad = f"{folder}/alexnet-owt-{digits}.pth", f"{folder}/alexnet-owt-01234567.pth"
    for path in good, bad:
        with open(path, "wb") as file:
            file.write(content)
    hub = f"{folder}/torch/hub/checkpoints"

    done = fetch(folder, bad)
    assert done.returncode == 1 and "does not begin with 01234567" in done.stderr, done
    assert os.listdir(hub) == [], "nothing of a wrong file stays"
    done = fetch(folder, f"{folder}/alexnet-owt-76543210.pth")
    assert done.returncode == 1 and "could not be fetched" in done.stderr, done
    assert os.listdir(hub) == []
    done = fetch(folder, f"{folder}/x.pth")
    assert done.returncode == 1 and "expected a file named" in done.stderr, done

    done = fetch(folder, good, "resnet18")
    assert done.returncode == 1 and "expected a file named resnet18-XXXXXXXX.pth" in done.stderr, done
    done = fetch(folder, good, "resnet1")
    assert done.returncode == 1 and all(f"{name} " in done.stderr for name in ("alexnet", "inception_v3", "resnet18", "efficientnet_b0")), done

    done = fetch(folder, good)
    assert done.returncode == 0 and os.listdir(hub) == [os.path.basename(good)], done
    with open(f"{hub}/{os.path.basename(good)}", "rb") as file:
        assert file.read() == content
    assert "is there already" in fetch(folder, good).stdout

    # Convlens takes the file that lies there, and says so when it is not what its name says.
    env = {**os.environ, "TORCH_HOME": f"{folder}/torch"}
    network = [PROGRAM, "network", "--network", "alexnet"]
    done = subprocess.run(network, env=env, capture_output=True, text=True)
    assert done.returncode == 1 and os.path.basename(good) in done.stderr, done
    with open(f"{hub}/{os.path.basename(good)}", "ab") as file:
        file.write(b"x")
    done = subprocess.run(network, env=env, capture_output=True, text=True)
    assert done.returncode == 1 and f"begins with {digits}" in done.stderr, done
    done = fetch(folder, good)
    assert done.returncode == 0, "a broken file is fetched again"
