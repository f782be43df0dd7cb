"""An interpreter of Python for snippets.py: blocks come as lines of JSON, what they print goes back the same way."""

import contextlib
import io
import json
import sys
import traceback

out, scope = sys.stdout, {"__name__": "__main__"}
for line in sys.stdin:
    block = json.loads(line)
    printed, error = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(block["code"], block["where"], "exec"), scope)
    except BaseException:
        error = traceback.format_exc()
    out.write(json.dumps({"printed": printed.getvalue(), "error": error}) + "\n")
    out.flush()
