import type { Cloud } from "./cloud.ts";
import { openSpritesBench } from "./sprites-bench.ts";
import type { SpritesFault, Stage } from "./sprites-server/faults.ts";
import { type SpritesServer, startSprites } from "./sprites-server.ts";

export const SPRITES_CLOUD: Cloud<SpritesServer, Stage, SpritesFault> = {
  provider: "sprites",
  name: "Sprites",
  sandbox: "sprite",
  credential: { input: "sprites-token", noun: "token", wrong: "wrong-token", of: ({ token }) => token },
  stages: { create: "create", get: "get", command: "exec", upload: "upload", tunnel: "proxy", destroy: "delete" },
  start: () => startSprites(),
  startOpen: () => startSprites({ ignoresPolicy: true }),
  open: (server) => openSpritesBench(server),
  faults: ({ faults }) => faults,
  created: ({ state }) => state.created,
  left: ({ state }) => [...state.sprites.keys()],
  end: ({ state }, name) => state.remove(name),
  cut: (server) => server.cutProxies(),
  commands: ({ commands }) => commands,
  sent: ({ requests, asked, commands }) => [requests, asked, commands],
};
