// Preloaded into a step: writes to AIRLOCK_TRACES, a line each, what it loads, which processes it starts and that it connects.
import childProcess from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import { registerHooks, syncBuiltinESMExports } from "node:module";

const trace = (line) => appendFileSync(process.env.AIRLOCK_TRACES ?? "/dev/null", `${line}\n`);

registerHooks({
  load(url, context, next) {
    if (url.startsWith("file:")) trace(url);
    return next(url, context);
  },
});
subscribe("child_process", () => trace("process"));
// The channel does not tell of processes that are waited for.
for (const name of ["spawnSync", "execSync", "execFileSync"]) {
  const start = childProcess[name];
  childProcess[name] = (...args) => {
    trace("process");
    return start(...args);
  };
}
syncBuiltinESMExports();
subscribe("net.client.socket", () => trace("connection"));
