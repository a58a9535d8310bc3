import type { Cloud } from "./cloud.ts";
import { openE2bBench } from "./e2b-bench.ts";
import type { Stage } from "./e2b-server/faults.ts";
import { type E2bServer, startE2b } from "./e2b-server.ts";

export const E2B_CLOUD: Cloud<E2bServer, Stage> = {
  provider: "e2b",
  name: "E2B",
  sandbox: "sandbox of E2B",
  credential: { input: "e2b-api-key", noun: "key", wrong: "e2b_wrong", of: ({ apiKey }) => apiKey },
  stages: { create: "create", get: "get", command: "start", upload: "upload", tunnel: "tunnel", destroy: "kill" },
  start: () => startE2b(),
  startOpen: () => startE2b({ breaksPromise: "no network" }),
  open: (server) => openE2bBench(server),
  faults: ({ faults }) => faults,
  created: ({ state }) => state.created,
  left: ({ state }) => [...state.boxes.keys()],
  end: ({ state }, id) => state.kill(id),
  cut: (server) => server.cutTunnels(),
  commands: ({ commands }) => commands,
  sent: ({ asked, commands }) => [asked, commands],
};
