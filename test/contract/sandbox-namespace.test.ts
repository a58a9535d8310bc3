import { openNamespaceProvider } from "../support/sandbox/namespace-provider.ts";
import { MACHINE_ENV, testSandboxLaws } from "./sandbox.ts";

testSandboxLaws({
  name: "the namespace provider",
  openProvider: async () => openNamespaceProvider(),
  slowness: 1,
  bulkMib: 96,
  env: MACHINE_ENV,
  gaps: [
    { law: "cut-carrier", reason: "The streams are pipes between two processes of one machine; nothing carries them that could be cut." },
  ],
  broken: {
    "a layer that is not there": (spec) => ({
      ...spec,
      layers: [{ name: "missing", directory: "/nowhere/airlock", mountPath: "/opt/missing", digest: "0".repeat(64) }],
    }),
    "a layer that cannot be mounted": (spec) => ({
      ...spec,
      layers: [{ name: "misplaced", directory: "/usr", mountPath: "/etc/passwd/below", digest: "0".repeat(64) }],
    }),
  },
});
