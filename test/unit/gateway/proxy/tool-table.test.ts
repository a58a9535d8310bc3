import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, expect, test } from "vitest";
import { Secret } from "../../../../src/domain/secret.ts";
import type { HostTraffic, InjectionRule } from "../../../../src/ports/gateway.ts";
import { openSandboxed } from "../../../support/egress/sandboxed.ts";

const MIRROR = "registry.pkg.example";

/** A package manager, a build tool or a client, in a sandbox without a resolver, where nothing but the gateway's environment and files tells it anything. */
interface Tool {
  readonly name: string;
  /** Ends with 0 where the tool starts. */
  readonly starts: string;
  /** Asks the registry that a preset allows, without being given its name. */
  readonly reaches?: { readonly script: string; readonly prints: RegExp };
  /** Asks HOST, which no rule names. `prints`: what a person sees, where it was seen here. */
  readonly refused?: { readonly script: string; readonly prints?: RegExp };
}

const OURS = /Refused by airlock \(default-deny\), add HOST/;
const POM = `<project><modelVersion>4.0.0</modelVersion><groupId>org.widgets</groupId><artifactId>widget</artifactId><version>1.0</version><packaging>pom</packaging></project>`;
const CHILD = `<project><modelVersion>4.0.0</modelVersion><parent><groupId>org.widgets</groupId><artifactId>PARENT</artifactId><version>1.0</version><relativePath/></parent><artifactId>a</artifactId><packaging>pom</packaging>MORE</project>`;
const REPOSITORY = "<repositories><repository><id>own</id><url>https://HOST/maven</url></repository></repositories>";
const OID = "1".repeat(40);

const TOOLS: readonly Tool[] = [
  {
    name: "curl",
    starts: "curl --version",
    reaches: { script: `curl -sS https://${MIRROR}/`, prints: /^page/ },
    refused: { script: "curl -sS https://HOST/", prints: /403/ },
  },
  {
    name: "wget",
    starts: "wget --version",
    refused: { script: "wget -t 1 -O - https://HOST/", prints: OURS },
  },
  {
    name: "git by ssh",
    starts: "git --version",
    reaches: { script: "git -c protocol.version=0 ls-remote git@git.example.com:o/r.git", prints: new RegExp(`^${OID}`) },
  },
  {
    name: "git",
    starts: "git --version",
    refused: { script: "git ls-remote https://HOST/o/r.git", prints: /403/ },
  },
  {
    name: "Node's fetch",
    starts: "node --version",
    reaches: { script: `node -e 'fetch("https://${MIRROR}/").then(async (r) => console.log(await r.text()))'`, prints: /^page/ },
    refused: { script: `node -e 'fetch("https://HOST/").catch((e) => console.log(e.message))'`, prints: /fetch failed/ },
  },
  {
    name: "Node's https",
    starts: "node --version",
    refused: { script: `node -e 'require("https").get("https://HOST/").on("error", (e) => console.log(e.message))'`, prints: OURS },
  },
  {
    name: "npm",
    starts: "npm --version",
    reaches: { script: "npm view widget version", prints: /^1\.2\.3/ },
    refused: { script: "npm view widget --registry https://HOST/", prints: OURS },
  },
  {
    name: "npm's own file of a project",
    starts: "npm --version",
    refused: { script: "mkdir -p own && cd own && echo '{}' > package.json && echo registry=https://HOST/ > .npmrc && npm view widget" },
  },
  { name: "pnpm", starts: "pnpm --version", reaches: { script: "pnpm view widget version", prints: /1\.2\.3/ } },
  { name: "Yarn 1", starts: "yarn --version | grep ^1", reaches: { script: "yarn info widget version", prints: /1\.2\.3/ } },
  {
    name: "Corepack",
    starts: "corepack --version",
    refused: { script: "COREPACK_NPM_REGISTRY=https://HOST corepack prepare pnpm@9.1.0" },
  },
  {
    name: "Python's urllib",
    starts: "python3 --version",
    refused: { script: `python3 -c 'import urllib.request; urllib.request.urlopen("https://HOST/")'`, prints: OURS },
  },
  {
    name: "pip",
    starts: "python3 -m pip --version",
    reaches: { script: "python3 -m pip index versions widget", prints: /widget \(1\.0\)/ },
    refused: { script: "python3 -m pip download --retries 0 -i https://HOST/simple widget", prints: /No matching distribution found/ },
  },
  { name: "uv", starts: "uv --version", refused: { script: "uv pip install --target /tmp/x --index-url https://HOST/simple widget" } },
  {
    name: "Go",
    starts: "go version",
    reaches: {
      script: "mkdir -p module && cd module && echo 'module a' > go.mod && GOTOOLCHAIN=local go list -m -versions example.com/widget",
      prints: /^example\.com\/widget v1\.0\.8/m,
    },
    refused: { script: "cd module && GOTOOLCHAIN=local GOPROXY=https://HOST go list -m -versions example.com/other", prints: OURS },
  },
  {
    name: "Maven",
    starts: "mvn --version",
    reaches: {
      script: `mkdir -p maven && echo '${CHILD.replace("PARENT", "widget").replace("MORE", "")}' > maven/pom.xml && mvn -B -f maven validate`,
      prints: /Downloaded from airlock: .*widget-1\.0\.pom[\s\S]*BUILD SUCCESS/,
    },
    // The project's own options replace the gateway's; the proxy of the settings stays.
    refused: {
      script: `mkdir -p other && echo '${CHILD.replace("PARENT", "other").replace("MORE", REPOSITORY)}' > other/pom.xml && MAVEN_OPTS=-Xmx256m mvn -B -f other validate`,
      prints: OURS,
    },
  },
  { name: "Gradle", starts: "gradle --version" },
  { name: "cargo", starts: "cargo --version", refused: { script: "CARGO_NET_RETRY=0 cargo install --index sparse+https://HOST/ widget" } },
  { name: "gem", starts: "gem --version", refused: { script: "gem fetch widget --clear-sources --source https://HOST/" } },
  { name: "Bundler", starts: "bundle --version" },
  { name: "Composer", starts: "composer --version" },
  { name: ".NET", starts: "dotnet --version" },
  { name: "Git LFS", starts: "git lfs version" },
  { name: "Bun", starts: "bun --version" },
  { name: "Deno", starts: "deno --version" },
  { name: "poetry", starts: "poetry --version" },
];

const line = (text: string): string => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
const TARBALL = { tarball: `https://${MIRROR}/widget.tgz`, shasum: "0".repeat(40) };

const PAGES: Readonly<Record<string, string>> = {
  "/o/r.git/info/refs": `${line("# service=git-upload-pack\n")}0000${line(`${OID} refs/heads/main\0agent=test\n`)}0000`,
  "/widget": JSON.stringify({
    name: "widget",
    "dist-tags": { latest: "1.2.3" },
    versions: { "1.2.3": { name: "widget", version: "1.2.3", dist: TARBALL } },
  }),
  "/simple/widget/": `<a href="/widget-1.0-py3-none-any.whl">widget-1.0-py3-none-any.whl</a>`,
  "/go/example.com/widget/@v/list": "v1.0.8\n",
  "/go/example.com/widget/@v/v1.0.8.info": JSON.stringify({ Version: "v1.0.8", Time: "2026-01-01T00:00:00Z" }),
  "/go/example.com/widget/@v/v1.0.8.mod": "module example.com/widget\n",
  "/maven/org/widgets/widget/1.0/widget-1.0.pom": POM,
  "/maven/org/widgets/widget/1.0/widget-1.0.pom.sha1": createHash("sha1").update(POM).digest("hex"),
  "/": "page\n",
};

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const body = PAGES[path];
  const type = path === "/widget" ? "application/json" : "text/html";
  response.writeHead(body === undefined ? 404 : 200, {
    "content-type": path.endsWith("/info/refs") ? "application/x-git-upload-pack-advertisement" : type,
  });
  response.end(body ?? "not here\n");
}

/** On such a host the fewest headers and parameters pass, so what works here works where no secret is declared. */
const SECRETS: readonly InjectionRule[] = [MIRROR, "git.example.com"].map((host) => ({
  host,
  header: "authorization",
  surrogate: "surrogate-0001",
  value: new Secret("real-value-0001", "TOKEN"),
}));

const box = await openSandboxed({
  secrets: SECRETS,
  allow: "npm\npypi\ngo\nmaven\ngit.example.com\nGET git.example.com/**",
  registries: {
    npm: [`https://${MIRROR}/`],
    pypi: [`https://${MIRROR}/simple/`],
    go: [`https://${MIRROR}/go`],
    maven: [`https://${MIRROR}/maven`],
  },
});
box.upstream.handler = answer;
afterAll(() => box[Symbol.asyncDispose]());

const started = await box.asAgent(
  TOOLS.map(({ starts }, index) => `if (${starts}) >/dev/null 2>&1; then echo here:${index}; fi`).join("\n"),
);
const isHere = (tool: Tool): boolean => started.split("\n").includes(`here:${TOOLS.indexOf(tool)}`);

async function rowOf(host: string): Promise<HostTraffic | undefined> {
  return (await box.gateway.egress()).hosts.find((row) => row.host === host);
}

const hostFor = (tool: Tool): string => `t${TOOLS.indexOf(tool)}.refused.example`;

test.each(TOOLS.filter((tool) => !isHere(tool)))("$name is not run, because it does not start here", async ({ starts }) => {
  expect(await box.asAgent(`(${starts}) >/dev/null 2>&1 && echo it starts`)).toBe("");
});

test.each(TOOLS.filter((tool) => tool.reaches !== undefined && isHere(tool)))(
  "$name reaches what is allowed, told by the gateway alone",
  async ({ reaches }) => {
    expect(await box.asAgent(reaches?.script ?? "")).toMatch(reaches?.prints ?? /^$/);
  },
);

test.each(TOOLS.filter((tool) => tool.refused !== undefined && isHere(tool)))(
  "$name is refused in words, and the host can be proposed",
  async (tool) => {
    const host = hostFor(tool);
    const output = await box.asAgent((tool.refused?.script ?? "").replaceAll("HOST", host));
    expect(output).toMatch(new RegExp(tool.refused?.prints?.source.replace("HOST", host) ?? ""));
    expect(await rowOf(host), output).toMatchObject({ verdict: "deny", reason: "default-deny", suggestion: host });
  },
);

const SERVER = `node -e 'require("http").createServer((q, r) => r.end("own page")).listen(8124, "::", () => require("fs").writeFileSync("/tmp/up", ""))' &
server=$!; until [ -e /tmp/up ]; do sleep 0.05; done`;

const CLIENTS = {
  curl: "curl -sS URL",
  "Node's fetch": `node -e 'fetch("URL").then(async (r) => console.log(await r.text()))'`,
  "Node's http": `node -e 'require("http").get("URL", (r) => r.pipe(process.stdout))'`,
  "Python's urllib": `python3 -c 'import urllib.request; print(urllib.request.urlopen("URL").read().decode())'`,
  wget: "wget -q -O - URL",
};

const OWN_NAMES = ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "airlock", "127.0.1.1"];

test.each(Object.entries(CLIENTS))(
  "%s reaches a server of the sandbox itself in every spelling, never through the gateway",
  async (_name, client) => {
    const asks = OWN_NAMES.map((name) => `echo '${name} '$(${client.replace("URL", `http://${name}:8124/`)})`);
    const output = await box.asAgent([SERVER, ...asks, "kill $server; rm /tmp/up"].join("\n"));
    expect(output.trim().split("\n")).toEqual(OWN_NAMES.map((name) => `${name} own page`));
    const asked = (await box.gateway.egress()).hosts.map(({ host }) => host);
    for (const name of OWN_NAMES) expect(asked).not.toContain(name.replaceAll(/[[\]]/g, ""));
  },
);

test("a name that only some tools leave out of the proxy is refused without a line that would open the runner", async () => {
  const output = await box.asAgent("curl -sS --noproxy '' http://0.0.0.0:8124/ http://127.0.0.2:8124/ http://[::1]:8124/");
  expect(output.match(/reached without the proxy/g)).toHaveLength(3);
  expect(output).not.toContain("To allow it");
  for (const host of ["0.0.0.0", "127.0.0.2", "::1"]) {
    expect(await rowOf(host)).toMatchObject({ verdict: "deny", reason: "ip-literal" });
    expect(await rowOf(host)).not.toHaveProperty("suggestion");
  }
});
