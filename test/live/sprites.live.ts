import { openSpritesProvider } from "../../src/adapters/sandbox/sprites/provider.ts";
import { Secret } from "../../src/domain/secret.ts";
import { testSandboxLaws } from "../contract/sandbox.ts";
import { bundleGuest } from "../support/sandbox/guest-bundle.ts";

const guestFile = await bundleGuest();

/** The laws against Sprites itself; run by script/test-live, never by script/test. */
testSandboxLaws({
  name: "Sprites itself",
  openProvider: async () =>
    openSpritesProvider({
      token: new Secret(process.env["SPRITES_TOKEN"] ?? ""),
      guestFile,
      nodeBinary: process.execPath,
      env: process.env,
    }),
  slowness: 15,
  bulkMib: 16,
  gaps: [{ law: "cut-carrier", reason: "Nobody here can cut a connection that Sprites carries; the wire-level server shows it." }],
  env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/home/agent", LANG: "C.UTF-8" },
  broken: { "a template, which Sprites has not": (spec) => ({ ...spec, template: "base" }) },
});
