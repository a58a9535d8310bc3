// Preloaded into a step (node --import): writes the URL of every module that is read into the file named by LOADED_LOG.
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

registerHooks({
  load(url, context, next) {
    if (url.startsWith("file:")) appendFileSync(process.env.LOADED_LOG ?? "/dev/null", `${url}\n`);
    return next(url, context);
  },
});
