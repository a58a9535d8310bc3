// Preloaded into a step: writes the name of every module file that it loads to AIRLOCK_LOADED.
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

registerHooks({
  load(url, context, next) {
    if (url.startsWith("file:")) appendFileSync(process.env.AIRLOCK_LOADED, `${url}\n`);
    return next(url, context);
  },
});
