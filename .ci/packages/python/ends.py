"""A server ends with the process that started it, also when that is killed."""

import signal
import subprocess
import sys
import time
from urllib.request import urlopen

PROGRAM = "import erpsatz, time; print(erpsatz.start(only=['weavy']).control_url, flush=True); time.sleep(60)"

child = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
url = child.stdout.readline().strip()
assert urlopen(f"{url}/healthz").status == 200
child.send_signal(signal.SIGKILL)
child.wait()
for _ in range(200):
    try:
        urlopen(f"{url}/healthz").close()
    except OSError:
        break
    time.sleep(0.05)
else:
    raise SystemExit("the server goes on after its process was killed")
print("a killed process leaves no server behind")
