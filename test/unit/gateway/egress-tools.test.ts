import { Buffer } from "node:buffer";
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Guest, openGuest } from "../../support/egress/guest.ts";
import { openUpstream, type Upstream } from "../../support/egress/upstream.ts";

const REGISTRY = "registry.pkg.example";
const ALLOW = `GET,HEAD ${REGISTRY}/**\nGET git.example.com/**\nopaque.example.com`;

let upstream: Upstream;
let guest: Guest;
let home: string;

beforeAll(async () => {
  upstream = await openUpstream();
  upstream.handler = answer;
  guest = await openGuest({ allow: ALLOW, upstream, resolves: [["93.184.215.14"]] });
  home = await mkdtemp(join(tmpdir(), "airlock-tools-"));
  const bundle = guest.gateway.files[0]?.content ?? new Uint8Array();
  await writeFile(join(home, "bundle.pem"), Buffer.concat([bundle, Buffer.from(upstream.ca)]));
});

afterAll(async () => {
  await guest[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** A registry of one npm package and one wheel, a git remote of one ref, and a page. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const body = PAGES[path]?.() ?? "page\n";
  const type = path.endsWith("/info/refs")
    ? "application/x-git-upload-pack-advertisement"
    : path === "/widget"
      ? "application/json"
      : "text/html";
  response.writeHead(200, { "content-type": type });
  response.end(body);
}

const line = (text: string): string => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
const OID = "1".repeat(40);

const PAGES: Readonly<Record<string, () => string>> = {
  "/o/r.git/info/refs": () => `${line("# service=git-upload-pack\n")}0000${line(`${OID} refs/heads/main\0agent=test\n`)}0000`,
  "/widget": () =>
    JSON.stringify({
      name: "widget",
      "dist-tags": { latest: "1.2.3" },
      versions: {
        "1.2.3": { name: "widget", version: "1.2.3", dist: { tarball: `https://${REGISTRY}/widget.tgz`, shasum: "0".repeat(40) } },
      },
    }),
  "/simple/widget/": () => `<a href="/widget-1.0-py3-none-any.whl">widget-1.0-py3-none-any.whl</a>`,
};

interface Tool {
  readonly name: string;
  readonly argv: readonly string[];
  readonly prints: RegExp;
  /** Asked to find out whether the tool is here; a tool of CI's own image is required. */
  readonly version?: readonly string[];
}

const FETCH = `fetch("https://${REGISTRY}/").then(async (r) => process.stdout.write(await r.text()))`;
const PYTHON = `import urllib.request; print(urllib.request.urlopen("https://${REGISTRY}/").read().decode())`;

const REQUIRED: readonly Tool[] = [
  { name: "curl", argv: ["curl", "-sS", `https://${REGISTRY}/`], prints: /^page/ },
  { name: "curl to an opaque host", argv: ["curl", "-sS", "https://opaque.example.com/"], prints: /^page/ },
  {
    name: "curl over SOCKS5",
    argv: ["curl", "-sS", "--socks5-hostname", "127.0.0.1:PORT", "--noproxy", "", `https://${REGISTRY}/`],
    prints: /^page/,
  },
  {
    name: "git",
    argv: ["git", "-c", "protocol.version=0", "ls-remote", "https://git.example.com/o/r.git"],
    prints: new RegExp(`^${OID}\\s+refs/heads/main`),
  },
  { name: "Node's fetch", argv: [process.execPath, "-e", FETCH], prints: /^page/ },
  { name: "npm", argv: ["npm", "view", "widget", "version", "--registry", `https://${REGISTRY}/`], prints: /^1\.2\.3/ },
];

const WHERE_INSTALLED: readonly Tool[] = [
  { name: "Python's urllib", argv: ["python3", "-c", PYTHON], prints: /^page/, version: ["python3", "--version"] },
  {
    name: "pip",
    argv: ["python3", "-m", "pip", "index", "versions", "-i", `https://${REGISTRY}/simple/`, "widget"],
    prints: /^widget \(1\.0\)/,
    version: ["python3", "-m", "pip", "--version"],
  },
];

function isHere({ version }: Tool): boolean {
  try {
    execFileSync(version?.[0] ?? "false", version?.slice(1), { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test.each([...REQUIRED, ...WHERE_INSTALLED.filter(isHere)])(
  "$name reaches a host that is read, by the gateway's environment alone",
  async (tool) => {
    const port = String(guest.port);
    const given = Object.entries(guest.gateway.env).map(([name, value]) => [
      name,
      value.replaceAll(":3128", `:${port}`).replaceAll("=3128", `=${port}`).replace("/etc/airlock/ca-bundle.pem", join(home, "bundle.pem")),
    ]);
    const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:${process.env["PATH"] ?? ""}`;
    const env = {
      PATH: path,
      HOME: home,
      GIT_CONFIG_NOSYSTEM: "1",
      PIP_CONFIG_FILE: "/dev/null",
      npm_config_cache: join(home, "npm"),
      ...Object.fromEntries(given),
    };
    const [program = "", ...args] = tool.argv.map((word) => word.replace("PORT", port));
    const result = await new Promise<{ stdout: string; stderr: string }>((resolve) =>
      execFile(program, args, { env, cwd: home, timeout: 60_000 }, (_error, stdout, stderr) => resolve({ stdout, stderr })),
    );
    expect(result.stdout, result.stderr).toMatch(tool.prints);
    expect(result.stderr).not.toMatch(/ERROR|error:/);
  },
  90_000,
);

/** A guest as `writeFiles` leaves it: the bundle in the places of the system, no variable that names it. */
const SYSTEM_TOOLS: readonly Tool[] = [
  { name: "wget", argv: ["wget", "-q", "-O", "-", `https://${REGISTRY}/`], prints: /^page/, version: ["wget", "--version"] },
  { name: "curl", argv: ["curl", "-sS", `https://${REGISTRY}/`], prints: /^page/ },
  { name: "git", argv: ["git", "-c", "protocol.version=0", "ls-remote", "https://git.example.com/o/r.git"], prints: new RegExp(`^${OID}`) },
];

test.each(SYSTEM_TOOLS.filter((tool) => tool.version === undefined || isHere(tool)))(
  "$name reaches a host that is read where it knows the system's bundle only",
  async ({ argv, prints }) => {
    const places = guest.gateway.files.filter(({ optional }) => optional === true).map(({ path }) => path);
    expect(places).toContain("/etc/ssl/certs/ca-certificates.crt");
    const binds = ["--dir", "/etc/ssl/certs", "--ro-bind", join(home, "bundle.pem"), "/etc/ssl/certs/ca-certificates.crt"];
    const proxy = `http://127.0.0.1:${guest.port}`;
    const root = [
      "--ro-bind",
      "/usr",
      "/usr",
      "--symlink",
      "usr/bin",
      "/bin",
      "--symlink",
      "usr/lib",
      "/lib",
      "--symlink",
      "usr/lib64",
      "/lib64",
    ];
    const sandbox = ["--unshare-user", "--unshare-pid", ...root, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", ...binds];
    const env = { PATH: "/usr/bin:/bin", HOME: "/tmp", http_proxy: proxy, https_proxy: proxy };
    const output = await new Promise<string>((resolve) => {
      execFile("bwrap", [...sandbox, "--", ...argv], { env, timeout: 60_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
    expect(output).toMatch(prints);
  },
  90_000,
);
