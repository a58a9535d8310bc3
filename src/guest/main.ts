import http2 from "node:http2";
import { CONTROL_SETTINGS, CONTROL_WINDOW_BYTES } from "../wire/control.ts";
import { openControlServer } from "./control-server.ts";
import { describeError } from "./describe-error.ts";
import { awaitGreeting } from "./greeting.ts";
import { openStreams, USAGE } from "./streams.ts";

const DEFAULT_STATE_DIRECTORY = "/run/airlock/state";
const DEFAULT_WORK_DIRECTORY = "/work";

/** Serves the runner until the control stream ends. */
async function serve(args: readonly string[]): Promise<void> {
  process.umask(0o022);
  const streams = await openStreams(args);
  const leave = (): void => process.exit(0);
  for (const event of ["end", "close", "error"]) streams.control.once(event, leave);
  await awaitGreeting(streams.control, streams.ownsMachine);
  const onStream = openControlServer({
    egress: streams.egress,
    stateDirectory: process.env.AIRLOCK_STATE ?? DEFAULT_STATE_DIRECTORY,
    workDirectory: process.env.AIRLOCK_WORK ?? DEFAULT_WORK_DIRECTORY,
  });
  const session = http2.performServerHandshake(streams.control, { settings: CONTROL_SETTINGS, maxSessionMemory: 64 });
  session.setLocalWindowSize(CONTROL_WINDOW_BYTES);
  session.on("error", leave);
  session.on("close", leave);
  session.on("stream", onStream);
}

const [mode, ...args] = process.argv.slice(2);
try {
  if (mode !== "serve") throw new TypeError(USAGE);
  await serve(args);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 2;
  process.exit();
}
