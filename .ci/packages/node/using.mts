// What `await using` begins, ends with its block.
import { start, type ControlError } from "erpsatz";

const running = await start({ only: ["weavy"] });
{
  await using erp = await running.sandbox("t1");
  await erp.session("weavy").signIn();
}
const gone = await running.sandbox("default").then(async (erp) => (await erp.erpsatz.report()).items.map(({ sandbox }) => sandbox));
const kept = await running.sandbox("t1").then((erp) => erp.clock.now(), (error: ControlError) => error.status);
if (!gone.includes("t1") || !(kept instanceof Date)) throw new Error(`${gone} ${kept}`);
let url: string;
{
  await using another = await start({ only: ["weavy"] });
  url = another.controlUrl;
}
if (await fetch(`${url}/healthz`).then(() => true, () => false)) throw new Error("it goes on");
await running.stop();
console.log("await using ends a sandbox and a server");
