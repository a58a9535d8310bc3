import { describe, expect, test } from "vitest";
import { EXPORT_FOLDER, type HostView, readHostView } from "../../../../../src/adapters/sandbox/microvm/host-view.ts";

const base = {
  privilege: { kind: "root" },
  nodeBinary: process.execPath,
  secretFolders: ["/home/runner/work", "/root", "/tmp/x"],
} as const;

describe("the runner's folders as the sandbox's root", () => {
  test("are an allow-list: read-only, and neither home, run, var, tmp nor the whole of /etc", async () => {
    const view = (await readHostView(base)) as HostView;
    const sources = view.bindings.map((binding) => binding.source);
    expect(sources).toContain("/usr");
    expect(sources.filter((path) => /^\/(?:home|root|run|var|tmp|mnt|proc|sys|dev|etc)?$/.test(path))).toEqual([]);
    expect(sources.filter((path) => /^\/(?:home|root|run|var|tmp|mnt)\//.test(path) && !process.execPath.startsWith(path))).toEqual([]);
    expect(view.bindings.every((binding) => !binding.writable && binding.target.startsWith(`${EXPORT_FOLDER}/`))).toBe(true);
  });

  test("are refused when a folder of the job lies in them, directly or by a link", async () => {
    expect(await readHostView({ ...base, secretFolders: ["/usr/local/actions-runner/_work"] })).toContain(
      "/usr/local/actions-runner/_work",
    );
    expect(await readHostView({ ...base, secretFolders: ["/bin"] })).toContain("/bin");
    expect(await readHostView({ ...base, secretFolders: ["/usrlocal", "/usr-x/y"] })).toBeTypeOf("object");
  });

  test("are refused where QEMU has the runner's own rights", async () => {
    expect(await readHostView({ ...base, privilege: { kind: "user-namespace" } })).toContain("own rights");
  });
});
