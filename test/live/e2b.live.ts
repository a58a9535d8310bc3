import { openE2bProvider } from "../../src/adapters/sandbox/e2b/provider.ts";
import { Secret } from "../../src/domain/secret.ts";
import { testSandboxLaws } from "../contract/sandbox.ts";
import { bundleGuest } from "../support/sandbox/guest-bundle.ts";

const guestFile = await bundleGuest();

/** The laws against E2B itself; run by script/test-live, never by script/test. */
testSandboxLaws({
  name: "E2B itself",
  openProvider: async () =>
    openE2bProvider({ apiKey: new Secret(process.env["E2B_API_KEY"] ?? ""), guestFile, nodeBinary: process.execPath, env: process.env }),
  slowness: 15,
  bulkMib: 16,
  gaps: [{ law: "cut-carrier", reason: "Nobody here can cut a connection that E2B carries; the wire-level server shows it." }],
  env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/home/agent", LANG: "C.UTF-8" },
  broken: { "a template that is not there": (spec) => ({ ...spec, template: "airlock-no-such-template" }) },
});
