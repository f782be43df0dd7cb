// A server ends with the process that started it, also when that is killed; and keeps no process alive.
const { spawn, execFileSync } = require("node:child_process");

const program = (then) => `require("erpsatz").start({ only: ["weavy"] }).then((e) => { console.log(e.controlUrl); ${then} })`;
execFileSync(process.execPath, ["-e", program("")], { timeout: 20_000 });

const child = spawn(process.execPath, ["-e", program("setInterval(() => {}, 1000)")], { stdio: ["ignore", "pipe", "inherit"] });
child.stdout.once("data", async (said) => {
  const url = `${String(said).trim()}/healthz`;
  if (!(await fetch(url)).ok) throw new Error("it is not ready");
  child.kill("SIGKILL");
  for (let time = 0; time < 200; time += 1) {
    try {
      await fetch(url);
    } catch {
      console.log("a killed process leaves no server behind");
      process.exit(0);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the server goes on after its process was killed");
});
